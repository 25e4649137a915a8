//! One pass over one customer.
