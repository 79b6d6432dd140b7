//! `me`: the account, free.

use super::args::Me;
use super::failure::Failure;
use super::{open, print, print_json};
use crate::config::Settings;

pub(super) async fn run(args: Me, settings: Settings) -> Result<(), Failure> {
    if settings.offline {
        return Err(Failure::offline("the account is the server's"));
    }
    let session = open(&settings).await?;
    let answer = session.door.me(settings.max_wait).await?;
    let account = answer.value;
    if args.json {
        print_json(&account.raw);
        return Ok(());
    }
    let number = |value: Option<i64>| value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    let limit = |value: Option<u64>| value.map_or_else(|| "no limit told".to_owned(), |value| value.to_string());
    print(&format!("tier              {}", account.tier.as_deref().unwrap_or("?")));
    print(&format!(
        "credits           {} of {}",
        number(account.credits_remaining),
        number(account.monthly_allowance)
    ));
    print(&format!("requests a minute {}", limit(account.rate_limit.requests_per_minute)));
    print(&format!("requests a day    {}", limit(account.rate_limit.requests_per_day)));
    if let Some(last) = account.last_used_at {
        print(&format!("last used         {last}"));
    }
    Ok(())
}
