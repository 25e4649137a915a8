//! Talking to Microsoft.
