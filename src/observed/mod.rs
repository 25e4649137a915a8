//! What the tenants hold, as read: model objects plus, for every collection, whether it was read completely. Plain
//! values; a failed read is an [`unread::Unread`], never an empty collection.

pub mod unread;
pub mod partner;
pub mod customer;
pub mod question;
pub mod surroundings;
