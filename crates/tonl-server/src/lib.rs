//! The HTTP process: routes, the stack of layers, connections, shutdown.
