//! Reading JSON that is not quite what the contract says.
