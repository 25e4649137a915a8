//! The nouns every other module speaks in. They parse on construction, hold no behaviour that needs time, files or
//! a network, and know nothing of how desired-state files or Microsoft's wire formats spell them.

pub mod ids;
pub mod names;
pub mod address;
pub mod cloud;
pub mod origin;
pub mod scope;
pub mod role;
pub mod assignment;
pub mod subscription;
pub mod group;
pub mod person;
pub mod member;
pub mod invitation;
pub mod ownership;
pub mod hidden;
pub mod quota;
pub mod usage;
