//! What the tenants hold.
