use http::StatusCode;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::auth::testing::{Answers, Server};
use crate::auth::{AuthPlugin, Prompt};
use crate::secret::Secret;
use crate::session::testing::{Plugin, token};

const HOUR: Duration = Duration::from_secs(3600);

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn down() -> Error {
    Error::new(ErrorKind::Connect, "the identity service is down")
}

fn refused() -> Error {
    Error::new(ErrorKind::Auth, "the password is wrong").with_status(StatusCode::UNAUTHORIZED)
}

fn text(token: &Token) -> String {
    token.headers[0].1.to_str().unwrap().to_owned()
}

async fn get(cell: &Arc<TokenCell>) -> Result<String> {
    cell.token().await.map(|token| text(&token))
}

/// The time that a caller waited, and the token that it got.
async fn timed(cell: &Arc<TokenCell>) -> (Duration, Result<String, String>) {
    let asked = clock::now();
    let got = get(cell).await.map_err(|error| error.to_string());
    (clock::now() - asked, got)
}

async fn herd(cell: &Arc<TokenCell>, size: usize) -> Vec<Result<String>> {
    let callers: Vec<_> = (0..size)
        .map(|_| {
            let cell = Arc::clone(cell);
            tokio::spawn(async move { get(&cell).await })
        })
        .collect();
    let mut all = Vec::with_capacity(size);
    for caller in callers {
        all.push(caller.await.unwrap());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_first_callers_share_one_login() {
    let plugin = Plugin::tokens(HOUR, secs(1));
    let cell = plugin.cell();
    for got in herd(&cell, 10_000).await {
        assert_eq!(got.unwrap(), "token-1");
    }
    assert_eq!(plugin.logins(), 1);
}

/// A caller that looked for a token just before a login finished, and takes the lock just after.
#[tokio::test(start_paused = true)]
async fn a_login_that_has_just_ended_is_not_repeated() {
    let plugin = Plugin::tokens(HOUR, Duration::ZERO);
    let cell = plugin.cell();
    get(&cell).await.unwrap();
    let Ok(Joined::Token(token)) = cell.join_login() else {
        panic!("another login was started");
    };
    assert_eq!(text(&token), "token-1");

    cell.invalidate(1);
    get(&cell).await.unwrap();
    cell.renew_in_background(1, clock::now());
    sleep(secs(1)).await;
    assert_eq!(
        plugin.logins(),
        2,
        "the token was dropped before its renewal"
    );
}

#[tokio::test(start_paused = true)]
async fn waiters_of_a_failed_login_share_its_error() {
    let plugin = Plugin::new(|_| async {
        sleep(secs(1)).await;
        Err(down())
    });
    for got in herd(&plugin.cell(), 1000).await {
        let error = got.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.to_string(), "the identity service is down");
    }
    assert_eq!(plugin.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_outlives_the_caller_that_started_it() {
    let plugin = Plugin::tokens(HOUR, secs(1));
    let cell = plugin.cell();
    let first = timeout(millis(10), get(&cell)).await;
    assert!(first.is_err(), "it was not dropped");
    for got in herd(&cell, 10).await {
        assert_eq!(got.unwrap(), "token-1");
    }
    assert_eq!(plugin.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_panics_fails_like_any_other() {
    let plugin = Plugin::new(|n| async move {
        sleep(secs(1)).await;
        assert!(n > 1, "thrown by the test's plugin");
        Ok(token(n, HOUR))
    });
    let cell = plugin.cell();
    for got in herd(&cell, 10).await {
        let error = got.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert_eq!(error.to_string(), "the auth plugin panicked");
    }
    assert_eq!(plugin.logins(), 1);
    advance(secs(1)).await;
    assert_eq!(get(&cell).await.unwrap(), "token-2");
}

#[test]
fn a_login_lost_with_its_runtime_is_started_anew_in_the_next() {
    let plugin = Plugin::new(|n| async move {
        if n == 1 {
            sleep(HOUR).await;
        }
        Ok(token(n, HOUR))
    });
    let cell = plugin.cell();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let first = runtime();
    assert!(
        first
            .block_on(async { timeout(millis(10), get(&cell)).await })
            .is_err()
    );
    assert_eq!(plugin.logins(), 1);
    drop(first);
    assert!(
        cell.lock().login.is_none(),
        "a lost login blocks other callers"
    );
    assert_eq!(runtime().block_on(get(&cell)).unwrap(), "token-2");
}

#[test]
fn a_runtime_that_shuts_down_refuses_a_login_without_a_deadlock() {
    struct AskWhenDropped(Arc<TokenCell>, Arc<Mutex<Option<bool>>>);
    impl Drop for AskWhenDropped {
        fn drop(&mut self) {
            // The runtime now drops new tasks inside `spawn`.
            let asked = std::panic::catch_unwind(AssertUnwindSafe(|| get(&self.0).now_or_never()));
            *self.1.lock().unwrap() = Some(asked.is_ok());
        }
    }
    let plugin = Plugin::tokens(HOUR, Duration::ZERO);
    let cell = plugin.cell();
    let outcome = Arc::new(Mutex::new(None));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let guard = AskWhenDropped(Arc::clone(&cell), Arc::clone(&outcome));
    runtime.spawn(async move {
        let _guard = guard;
        std::future::pending::<()>().await;
    });
    std::thread::sleep(millis(50));
    drop(runtime);
    assert!(outcome.lock().unwrap().is_some(), "the guard did not run");
    assert!(cell.lock().login.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_end_while_the_old_one_serves() {
    let plugin = Plugin::tokens(secs(1000), secs(10));
    let cell = plugin.cell();
    assert_eq!(get(&cell).await.unwrap(), "token-1");
    advance(secs(879)).await;
    assert_eq!(
        timed(&cell).await,
        (Duration::ZERO, Ok("token-1".to_owned()))
    );
    sleep(secs(1)).await;
    assert_eq!(plugin.logins(), 1, "the window is not open yet");

    advance(secs(61)).await;
    for _ in 0..10 {
        assert_eq!(
            timed(&cell).await,
            (Duration::ZERO, Ok("token-1".to_owned()))
        );
        sleep(millis(900)).await;
    }
    assert_eq!(plugin.logins(), 2, "one renewal is under way");
    sleep(secs(2)).await;
    assert_eq!(
        timed(&cell).await,
        (Duration::ZERO, Ok("token-2".to_owned()))
    );
    assert_eq!(plugin.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_moment_of_renewal_is_random_within_its_window() {
    let mut moments = Vec::new();
    for _ in 0..200 {
        let cell = Plugin::tokens(secs(1000), Duration::ZERO).cell();
        let start = clock::now();
        let token = cell.token().await.unwrap();
        let renew = token.renew.unwrap() - start;
        assert!(renew >= secs(880) && renew <= secs(940), "{renew:?}");
        moments.push(renew);
    }
    let (first, last) = (moments.iter().min().unwrap(), moments.iter().max().unwrap());
    assert!(*last - *first > secs(30), "{first:?} to {last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_nobodys_error_before_the_end() {
    let plugin = Plugin::new(|n| async move {
        if n == 1 || n > 200 {
            Ok(token(n, secs(1000)))
        } else {
            Err(down())
        }
    });
    let cell = plugin.cell();
    assert_eq!(get(&cell).await.unwrap(), "token-1");
    advance(secs(879)).await;
    for _ in 0..1200 {
        assert_eq!(
            timed(&cell).await,
            (Duration::ZERO, Ok("token-1".to_owned()))
        );
        sleep(millis(100)).await;
    }
    // Between 60 and 120 s of failures: doubling from 100 ms to 5 s, then every 5 s.
    assert!(
        (14..=31).contains(&plugin.logins()),
        "{} logins",
        plugin.logins()
    );
    advance(secs(2)).await;
    let error = get(&cell).await.unwrap_err();
    assert_eq!(error.to_string(), "the identity service is down");
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_waited_for() {
    let plugin = Plugin::tokens(secs(500), secs(1));
    let cell = plugin.cell();
    assert_eq!(get(&cell).await.unwrap(), "token-1");
    advance(secs(501)).await;
    assert_eq!(timed(&cell).await, (secs(1), Ok("token-2".to_owned())));
    assert_eq!(plugin.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_five_seconds_cost_a_login_a_lifetime_and_no_wait() {
    let plugin = Plugin::tokens(secs(5), millis(300));
    let cell = plugin.cell();
    get(&cell).await.unwrap();
    for _ in 0..1200 {
        let (waited, got) = timed(&cell).await;
        got.unwrap();
        assert_eq!(waited, Duration::ZERO);
        sleep(millis(50)).await;
    }
    assert!(
        (13..=19).contains(&plugin.logins()),
        "{} logins",
        plugin.logins()
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_with_the_same_end_is_not_renewed_again() {
    let end = clock::wall_after(secs(600));
    let plugin = Plugin::new(move |n| async move { Ok(token(n, HOUR).expires(end)) });
    let cell = plugin.cell();
    for _ in 0..599 {
        get(&cell).await.unwrap();
        sleep(secs(1)).await;
    }
    assert_eq!(plugin.logins(), 2, "one try to renew it, and no more");
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_does_not_touch_the_next_token() {
    let plugin = Plugin::tokens(HOUR, millis(1));
    let cell = plugin.cell();
    get(&cell).await.unwrap();
    assert!(cell.invalidate(1));
    assert_eq!(get(&cell).await.unwrap(), "token-2");
    for _ in 0..10 {
        assert!(cell.invalidate(1), "a fresh token is there");
    }
    assert_eq!(
        timed(&cell).await,
        (Duration::ZERO, Ok("token-2".to_owned()))
    );
    assert_eq!(plugin.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_during_a_login_discards_what_that_login_brings() {
    let plugin = Plugin::tokens(secs(1000), secs(5));
    let cell = plugin.cell();
    get(&cell).await.unwrap();
    advance(secs(950)).await;
    assert_eq!(get(&cell).await.unwrap(), "token-1", "its renewal begins");
    sleep(secs(1)).await;
    assert_eq!(plugin.logins(), 2);
    cell.invalidate(1);
    for got in herd(&cell, 10).await {
        assert_eq!(got.unwrap(), "token-3");
    }
    assert_eq!(plugin.logins(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_is_never_invalidated() {
    let plugin = Plugin::tokens(HOUR, Duration::ZERO).fixed();
    let cell = plugin.cell();
    get(&cell).await.unwrap();
    assert!(!cell.invalidate(1));
    assert_eq!(get(&cell).await.unwrap(), "token-1");
    assert_eq!(plugin.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_tried_ever_more_rarely() {
    let plugin = Plugin::new(|_| async { Err(refused()) });
    let cell = plugin.cell();
    let mut last: Option<Instant> = None;
    let mut gaps = Vec::new();
    while gaps.len() < 11 {
        let before = plugin.logins();
        let (waited, got) = timed(&cell).await;
        assert_eq!(got.unwrap_err(), "the password is wrong");
        if plugin.logins() > before {
            let now = clock::now();
            gaps.extend(last.map(|last| (now - last).as_secs()));
            last = Some(now);
        } else {
            assert_eq!(waited, Duration::ZERO, "the answer is known already");
        }
        sleep(millis(100)).await;
    }
    assert_eq!(gaps, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

#[tokio::test(start_paused = true)]
async fn logins_are_at_least_a_tenth_of_a_second_apart() {
    let plugin = Plugin::tokens(HOUR, Duration::ZERO);
    let cell = plugin.cell();
    let start = clock::now();
    for generation in 1..=11 {
        get(&cell).await.unwrap();
        cell.invalidate(generation);
    }
    assert_eq!(plugin.logins(), 11);
    assert!(clock::now() - start >= secs(1));
}

#[tokio::test(start_paused = true)]
async fn debug_output_shows_no_token() {
    let cell = Plugin::tokens(HOUR, Duration::ZERO).cell();
    get(&cell).await.unwrap();
    assert_eq!(
        format!("{cell:?}"),
        "TokenCell { credentials: Plugin, newest: 1, .. }"
    );
}

/// A plugin that asks for a code at each login.
fn asking(life: Duration) -> (Arc<TokenCell>, Answers, Arc<AtomicU64>) {
    #[derive(Debug)]
    struct Asking {
        life: Duration,
        logins: Arc<AtomicU64>,
    }

    impl AuthPlugin for Asking {
        async fn authenticate(&self, cx: &AuthContext) -> Result<AuthData> {
            let login = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
            sleep(secs(1)).await;
            let code = cx.ask(&Prompt::code("Code: ")).await?;
            let token = format!("{}-{login}", code.expose());
            let end = clock::wall_after(self.life);
            Ok(AuthData::token(&Secret::from(token))?.expires(end))
        }
    }

    let answers = Answers::new("code");
    let logins = Arc::new(AtomicU64::new(0));
    let plugin = Asking {
        life,
        logins: Arc::clone(&logins),
    };
    let context = Server::new(|_| panic!("nothing is sent")).context();
    let context = context.interaction(answers.clone());
    let cell = Arc::new(TokenCell::new(plugin.into(), context));
    (cell, answers, logins)
}

#[tokio::test(start_paused = true)]
async fn a_renewal_never_asks_and_the_first_caller_after_the_end_does() {
    let (cell, answers, logins) = asking(HOUR);
    assert_eq!(timed(&cell).await, (secs(1), Ok("code-1".to_owned())));
    for _ in 0..3599 {
        // The old token is used until it expires, without delay.
        assert_eq!(
            timed(&cell).await,
            (Duration::ZERO, Ok("code-1".to_owned()))
        );
        sleep(secs(1)).await;
    }
    assert_eq!(answers.asked().len(), 1);
    assert_eq!(
        logins.load(Ordering::SeqCst),
        2,
        "one try to renew it in the background, and no more"
    );
    sleep(secs(1)).await;
    // The caller does not get the error of the failed renewal.
    for got in herd(&cell, 100).await {
        assert_eq!(got.unwrap(), "code-3");
    }
    assert_eq!(answers.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn callers_that_join_a_renewal_that_may_not_ask_start_a_login_that_may() {
    let (cell, answers, logins) = asking(HOUR);
    get(&cell).await.unwrap();
    sleep(HOUR - secs(10)).await;
    // This starts a renewal, which takes a second; meanwhile a server refuses the token.
    get(&cell).await.unwrap();
    sleep(millis(500)).await;
    assert_eq!(logins.load(Ordering::SeqCst), 2);
    assert!(cell.invalidate(1));
    for got in herd(&cell, 100).await {
        assert_eq!(got.unwrap(), "code-3");
    }
    assert_eq!(answers.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stored_end_is_the_same_moment_later() {
    let end = clock::wall_after(HOUR);
    let text = end.to_string();
    let plugin = Plugin::new(move |n| {
        let end = text.parse().unwrap();
        async move { Ok(token(n, Duration::ZERO).expires(end)) }
    });
    sleep(secs(1800)).await;
    let cell = plugin.cell();
    let token = cell.token().await.unwrap();
    assert_eq!(token.expires, Some(clock::now() + secs(1800)));
}
