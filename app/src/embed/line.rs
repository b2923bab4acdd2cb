//! The line that says whether what is shown is live.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::time::Millis;

use super::host::Host;
use super::shell::{Notice, Shell};
use crate::browser::clock;
use crate::client::feed::Feed;
use crate::parts::truth::{Known, Truth, describe};

/// Writes it. A feed that ended before anything came is a notice.
pub fn tell(shell: &Shell, host: &Host, feed: &Feed, link: &LinkStatus, has_something: bool) {
    let now = clock::wall();
    let until = if let LinkStatus::Waiting { until, .. } = link { *until } else { Millis(0) };
    let known = Known {
        is_kept: false,
        newest_age_ms: None,
        frame_age_ms: feed.last_frame_at().map(|at| now.since(at)),
        stale_after_ms: 0,
        retry_in_ms: until.since(now),
    };
    let (truth, words, detail, can_retry) = describe(link, &known);
    shell.tell(truth, &words, &detail);
    if truth == Truth::Stopped && !has_something {
        let title = text!(embed.open.ended).to_owned();
        let notice = Notice { code: "ended", title, text: detail, can_retry };
        shell.notice(Some(&notice));
        super::complain(host, &notice);
    }
}
