use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use http::Response;
use serde_json::{Value, json};

use super::*;
use crate::clock;
use crate::service::Operation;
use crate::service::testing::{adapter, path};
use crate::testing::{self, RecordedRequest, ScriptedTransport};
use crate::transport::Body;

static LIST: Operation = Operation::get("/things", "list things").envelope("things");

#[derive(Debug, Deserialize)]
struct Thing {
    id: String,
}

impl Item for Thing {
    fn marker(&self) -> &str {
        &self.id
    }
}

/// A list of the things 1 to `count`.
fn things(count: usize, server: Server) -> (List<Thing>, ScriptedTransport) {
    scripted(move |request| server.page(count, request))
}

fn scripted<F>(script: F) -> (List<Thing>, ScriptedTransport)
where
    F: Fn(&RecordedRequest) -> Result<Response<Body>> + Send + Sync + 'static,
{
    let wire = ScriptedTransport::new(script);
    (List::new(LIST.request(&adapter(&wire))), wire)
}

/// The paging behaviour of a server.
#[derive(Clone, Copy)]
struct Server {
    /// The size of a page for requests without a limit.
    page: usize,
    /// The links in a response if there are more items.
    more: fn() -> Value,
    /// The links in the last response.
    last: fn() -> Value,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            page: usize::MAX,
            more: || json!({}),
            last: || json!({}),
        }
    }
}

impl Server {
    fn page(self, count: usize, request: &RecordedRequest) -> Result<Response<Body>> {
        let number = |key| {
            request
                .query(key)
                .map(|text| text.parse::<usize>().unwrap())
        };
        let first = number("marker").map_or(1, |marker| marker + 1);
        let size = number("limit").unwrap_or(self.page);
        let end = first.saturating_add(size).min(count + 1);
        let things = (first..end).map(|id| json!({"id": id.to_string()}));
        let mut answer = if end <= count {
            (self.more)()
        } else {
            (self.last)()
        };
        answer["things"] = things.collect();
        testing::json(200, answer)
    }
}

fn ids(things: &[Thing]) -> String {
    let ids: Vec<_> = things.iter().map(|thing| thing.id.as_str()).collect();
    ids.join(" ")
}

fn paths(wire: &ScriptedTransport) -> Vec<String> {
    let requests = wire.requests();
    requests
        .iter()
        .map(|request| path(request).to_owned())
        .collect()
}

#[tokio::test]
async fn by_default_the_server_decides_on_the_size_of_pages() {
    let (list, wire) = things(3, Server::default());
    assert_eq!(ids(&list.await.unwrap()), "1 2 3");
    assert_eq!(paths(&wire), ["/things"]);
}

#[tokio::test]
async fn after_a_full_page_comes_another_one() {
    let (list, wire) = things(5, Server::default());
    assert_eq!(ids(&list.page_size(2).await.unwrap()), "1 2 3 4 5");
    let expected = ["limit=2", "limit=2&marker=2", "limit=2&marker=4"];
    assert_eq!(
        paths(&wire),
        expected.map(|query| format!("/things?{query}"))
    );

    // After a full page, another request is needed to find the end.
    let (list, wire) = things(4, Server::default());
    assert_eq!(ids(&list.page_size(2).await.unwrap()), "1 2 3 4");
    assert_eq!(wire.requests().len(), 3);
}

#[tokio::test]
async fn a_link_to_the_next_page_is_followed_by_marker() {
    // The format of the links on a page with more items, and on the last one.
    type Form = (fn() -> Value, fn() -> Value);
    let forms: [Form; 4] = [
        (
            || json!({"links": [{"rel": "self"}, {"rel": "next", "href": "http://wrong/"}]}),
            || json!({"links": [{"rel": "self", "href": "http://wrong/"}, {}]}),
        ),
        (
            || json!({"links": {"next": "http://wrong/", "previous": null}}),
            || json!({"links": {"next": null, "self": "http://wrong/"}}),
        ),
        (
            || json!({"links": {"next": {"href": "http://wrong/"}}}),
            || json!({"links": null}),
        ),
        (
            || json!({"links": {"next": ""}}),
            || json!({"links": "none"}),
        ),
    ];
    for (more, last) in forms {
        let server = Server {
            page: 2,
            more,
            last,
        };
        let (list, wire) = things(5, server);
        assert_eq!(ids(&list.await.unwrap()), "1 2 3 4 5", "{}", more());
        let expected = ["/things", "/things?marker=2", "/things?marker=4"];
        assert_eq!(paths(&wire), expected, "{}", more());
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_marker_is_asked_twice() {
    let page = json!({"things": [{"id": "1"}, {"id": "2"}], "links": {"next": "http://cloud/"}});
    let (list, wire) = scripted(move |_| testing::json(200, &page));
    assert_eq!(ids(&list.page_size(2).await.unwrap()), "1 2");
    assert_eq!(
        paths(&wire),
        ["/things?limit=2", "/things?limit=2&marker=2"]
    );
}

#[tokio::test]
async fn an_empty_page_is_the_last_one() {
    let empty = json!({"things": [], "links": {"next": "http://cloud/"}});
    let (list, wire) = scripted(move |_| testing::json(200, &empty));
    assert_eq!(list.await.unwrap().len(), 0);
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn the_limit_is_that_of_all_pages() {
    let (list, wire) = things(9, Server::default());
    assert_eq!(ids(&list.limit(5).page_size(2).await.unwrap()), "1 2 3 4 5");
    let expected = ["limit=2", "limit=2&marker=2", "limit=1&marker=4"];
    assert_eq!(
        paths(&wire),
        expected.map(|query| format!("/things?{query}"))
    );

    let (list, wire) = things(9, Server::default());
    assert_eq!(ids(&list.limit(2).await.unwrap()), "1 2");
    assert_eq!(paths(&wire), ["/things?limit=2"]);

    let (list, wire) = things(9, Server::default());
    assert_eq!(list.limit(0).await.unwrap().len(), 0);
    assert_eq!(wire.requests().len(), 0);

    // A server that sends more items than requested.
    let all = json!({"things": [{"id": "1"}, {"id": "2"}, {"id": "3"}]});
    let (list, wire) = scripted(move |_| testing::json(200, &all));
    assert_eq!(ids(&list.limit(2).await.unwrap()), "1 2");
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn marker_and_query_are_in_the_request_of_each_page() {
    let (list, wire) = things(6, Server::default());
    let list = list.query("name", "a&b").marker("3").page_size(2);
    assert_eq!(ids(&list.await.unwrap()), "4 5 6");
    let expected = [
        "/things?name=a%26b&limit=2&marker=3",
        "/things?name=a%26b&limit=2&marker=5",
    ];
    assert_eq!(paths(&wire), expected);
}

#[tokio::test]
async fn a_list_that_comes_whole_is_one_request() {
    let whole = json!({"things": [{"id": "1"}, {"id": "2"}], "links": {"next": "http://cloud/"}});
    let wire = ScriptedTransport::new(move |_| testing::json(200, &whole));
    let list = List::<Thing>::single_page(LIST.request(&adapter(&wire)));
    assert_eq!(ids(&list.page_size(2).await.unwrap()), "1 2");
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn an_error_ends_the_list() {
    let server = Server::default();
    let script = move |request: &RecordedRequest| match request.number {
        2 => testing::json(403, json!({"error": {"message": "no more"}})),
        _ => server.page(9, request),
    };
    let (list, wire) = scripted(script);
    let mut stream = list.clone().page_size(2).stream();
    let mut seen = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(thing) => seen.push(thing),
            Err(error) => break error,
        }
    };
    assert_eq!(ids(&seen), "1 2 3 4");
    assert_eq!(
        error.to_string(),
        "list things: 403 Forbidden: no more (request req-test)"
    );
    assert!(stream.next().await.is_none());
    assert_eq!(wire.requests().len(), 3);

    let (list, _) = scripted(script);
    assert!(list.page_size(2).await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn a_stream_sends_a_request_when_the_last_page_is_used_up() {
    let (list, wire) = things(4, Server::default());
    let mut stream = list.page_size(2).stream();
    assert_eq!(wire.requests().len(), 0);
    for (id, requests) in [("1", 1), ("2", 1), ("3", 2), ("4", 2)] {
        assert_eq!(stream.try_next().await.unwrap().unwrap().id, id);
        assert_eq!(wire.requests().len(), requests, "{id}");
    }
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(wire.requests().len(), 3);
}

/// Lets tasks run until all of them wait, without letting time pass for longer than `ms`.
async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// A list of 7 things in pages of 2, with prefetch. Each request takes 100 ms.
fn prefetched() -> (ItemStream<Thing>, ScriptedTransport) {
    let server = Server::default();
    let wire = ScriptedTransport::new(move |request| server.page(7, request));
    let wire = wire.delay(Duration::from_millis(100));
    let list = List::new(LIST.request(&adapter(&wire)));
    (list.page_size(2).prefetch(true).stream(), wire)
}

#[tokio::test(start_paused = true)]
async fn with_prefetch_the_next_page_is_requested_while_this_one_is_consumed() {
    let (mut stream, wire) = prefetched();
    pass(1000).await;
    assert_eq!(wire.requests().len(), 0, "before it is polled");
    let start = clock::now();
    // Item, requests, and milliseconds since the start. Consuming an item takes 60 ms.
    for (id, requests, at) in [
        ("1", 2, 100),
        ("2", 2, 160),
        ("3", 3, 220),
        ("4", 3, 280),
        ("5", 4, 340),
        ("6", 4, 400),
        ("7", 4, 460),
    ] {
        assert_eq!(stream.try_next().await.unwrap().unwrap().id, id);
        assert_eq!((clock::now() - start).as_millis(), at, "{id}");
        pass(60).await;
        assert_eq!(wire.requests().len(), requests, "{id}");
    }
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(wire.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn with_prefetch_there_is_at_most_one_page_ahead() {
    let (mut stream, wire) = prefetched();
    assert_eq!(stream.try_next().await.unwrap().unwrap().id, "1");
    pass(60_000).await;
    assert_eq!(wire.requests().len(), 2);
    let rest: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(ids(&rest), "2 3 4 5 6 7");
}

#[tokio::test(start_paused = true)]
async fn a_prefetch_ends_with_its_stream() {
    let (mut stream, wire) = prefetched();
    assert_eq!(stream.try_next().await.unwrap().unwrap().id, "1");
    pass(50).await;
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    assert_eq!((wire.requests().len(), tasks()), (2, 1));
    drop(stream);
    pass(10).await;
    assert_eq!((wire.requests().len(), tasks()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_prefetch_comes_after_the_items_before_it() {
    let server = Server::default();
    let (list, wire) = scripted(move |request| match request.number {
        1 => testing::json(403, json!({"error": {"message": "no more"}})),
        _ => server.page(9, request),
    });
    let mut stream = list.page_size(2).prefetch(true).stream();
    assert_eq!(stream.try_next().await.unwrap().unwrap().id, "1");
    pass(60_000).await;
    assert_eq!(wire.requests().len(), 2);
    assert_eq!(stream.try_next().await.unwrap().unwrap().id, "2");
    assert!(stream.try_next().await.unwrap_err().is_forbidden());
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(wire.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_prefetched_list_ends_like_any_other() {
    // The total limit, and a server that ignores the marker.
    let (list, wire) = things(9, Server::default());
    let list = list.limit(3).page_size(2).prefetch(true);
    let found: Vec<_> = list.stream().try_collect().await.unwrap();
    assert_eq!(ids(&found), "1 2 3");
    let expected = ["/things?limit=2", "/things?limit=1&marker=2"];
    assert_eq!(paths(&wire), expected);

    let page = json!({"things": [{"id": "1"}, {"id": "2"}], "links": {"next": "http://cloud/"}});
    let (list, wire) = scripted(move |_| testing::json(200, &page));
    let list = list.page_size(2).prefetch(true);
    let found: Vec<_> = list.stream().try_collect().await.unwrap();
    assert_eq!(ids(&found), "1 2");
    assert_eq!(wire.requests().len(), 2);
}

#[tokio::test]
async fn a_page_without_the_list_is_no_page() {
    for page in [
        json!({"links": {}}),
        json!([]),
        json!({"things": {"id": "1"}}),
    ] {
        let (list, _) = scripted(move |_| testing::json(200, &page));
        let error = list.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(
            text.starts_with("list things: the response is not in the expected format"),
            "{text}"
        );
    }
}
