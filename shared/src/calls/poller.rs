//! What is asked of a poller: the object that asks an address for a source, named like it.

use super::methods;

methods! {
    /// The methods of a poller.
    PollerMethod {
        /// Its source was made, changed or ended: it looks at it within two seconds, and asks at once if it is to. Answers
        /// nothing.
        Wake = "wake",
        /// How it goes: a [`PollStatus`](crate::source::poll::PollStatus) as JSON.
        Status = "status",
    }
}
