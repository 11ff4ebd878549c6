//! HTTP defences as layers: a request's head decides before its body is read.
