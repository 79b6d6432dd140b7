//! `usage`: the history of calls, free.

use serde_json::json;

use super::args::Usage;
use super::failure::Failure;
use super::{open, print, print_json};
use crate::api::{UsagePage, UsageRecord};
use crate::config::Settings;
use crate::tasks::Session;
pub(super) use crate::text::csv_cell as csv;

pub(super) async fn run(args: Usage, settings: Settings) -> Result<(), Failure> {
    let session = open(&settings).await?;
    if settings.offline && !args.all {
        return Err(Failure::offline("--all shows what is kept here"));
    }
    let page = if args.all {
        all(&session, &settings).await?
    } else {
        session.door.usage(args.limit, args.offset, settings.max_wait).await?.value
    };
    if args.json {
        print_json(&page.raw);
    } else if args.csv {
        print("timestamp,endpoint,status_code,credits_consumed,response_time_ms");
        page.records
            .iter()
            .for_each(|record| print(&cells(record).map(|cell| csv(&cell)).join(",")));
    } else {
        for record in &page.records {
            let [_, endpoint, status, credits, millis] = cells(record);
            let time = record
                .timestamp
                .map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
                .unwrap_or_default();
            let unit = if credits == "1" { "credit" } else { "credits" };
            print(&format!(
                "{time:<20} {endpoint:<18} {status:>4} {credits:>3} {unit:<7} {millis:>7} ms"
            ));
        }
    }
    Ok(())
}

/// Everything: what is new of it is fetched, page by page within the rate limits; the rest is kept here.
async fn all(session: &Session, settings: &Settings) -> Result<UsagePage, Failure> {
    let (records, _) = session.history(settings.max_wait).await?;
    let count = records.len();
    Ok(UsagePage {
        raw: json!({"usage": records, "total_count": count, "offset": 0, "limit": count}),
        received: count,
        total_count: Some(count as u64),
        records,
    })
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
