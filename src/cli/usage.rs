//! `usage`: the history of calls, free.

use serde_json::{Value, json};

use super::args::Usage;
use super::failure::Failure;
use super::{open, print};
use crate::api::{UsagePage, UsageRecord};
use crate::config::Settings;
use crate::tasks::Session;
pub(super) use crate::text::csv_cell as csv;

/// Calls on a page when all are asked for.
const PAGE: u8 = 100;

pub(super) async fn run(args: Usage, settings: Settings) -> Result<(), Failure> {
    let session = open(&settings).await?;
    let page = if args.all {
        all(&session, &settings).await?
    } else {
        session.door.usage(args.limit, args.offset, settings.max_wait).await?.value
    };
    if args.json {
        print(&page.raw.to_string());
    } else if args.csv {
        print("timestamp,endpoint,status_code,credits_consumed,response_time_ms");
        page.records
            .iter()
            .for_each(|record| print(&cells(record).map(|cell| csv(&cell)).join(",")));
    } else {
        for record in &page.records {
            let [time, endpoint, status, credits, millis] = cells(record);
            print(&format!(
                "{time:<25} {endpoint:<18} {status:>4} {credits:>3} credits {millis:>7} ms"
            ));
        }
    }
    Ok(())
}

/// All pages, one after the other. A server that repeats itself for ever ends with the total it told, or with an empty page.
async fn all(session: &Session, settings: &Settings) -> Result<UsagePage, Failure> {
    let mut whole = UsagePage::default();
    let mut entries = Vec::new();
    loop {
        let page = session.door.usage(PAGE, whole.received as u64, settings.max_wait).await?.value;
        whole.received += page.received;
        whole.records.extend(page.records);
        whole.total_count = page.total_count.or(whole.total_count);
        if let Some(Value::Array(more)) = page.raw.get("usage") {
            entries.extend(more.iter().cloned());
        }
        let complete = whole.total_count.is_some_and(|total| whole.received as u64 >= total);
        if complete || page.received < usize::from(PAGE) {
            break;
        }
    }
    whole.raw = json!({"usage": entries, "total_count": whole.total_count, "offset": 0, "limit": whole.received});
    Ok(whole)
}

fn cells(record: &UsageRecord) -> [String; 5] {
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        text(record.timestamp.map(|time| time.to_string())),
        record.endpoint.to_string(),
        text(record.status_code.map(|status| status.to_string())),
        text(record.credits_consumed.map(|credits| credits.to_string())),
        text(record.response_time_ms.map(|millis| format!("{millis:.0}"))),
    ]
}
