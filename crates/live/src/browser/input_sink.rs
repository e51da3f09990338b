//! Where events of the browser go.

use std::rc::{Rc, Weak};

use crate::client::Input;

/// Takes the inputs of the client. The environment and the transports know the driver only as this.
pub(super) trait InputSink {
    /// Passes an input to the client, and carries out its actions.
    fn handle(self: Rc<Self>, input: Input<'_>);
}

/// A sink that may be gone, as event handlers hold it.
pub(super) type WeakSink = Weak<dyn InputSink>;

/// Passes an input to the sink, if that still exists.
pub(super) fn send(sink: &WeakSink, input: Input<'_>) {
    if let Some(sink) = sink.upgrade() {
        sink.handle(input);
    }
}
