//! Files to DesiredState.
