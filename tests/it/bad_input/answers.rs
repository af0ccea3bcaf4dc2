//! Values that cannot be sent, and responses that cannot be parsed.

use std::time::Duration;

use heatclient::heat::{NewStack, StackUpdate};
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::demo;
use heatclient_test_support::scripted::{answer, json as json_answer};
use heatclient_test_support::time::Clock;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    PASSWORD, Report, STEP, always, authority, gzip, hasty, html, raw, template, with_token,
};

#[tokio::test]
async fn values_of_stacks() {
    use ErrorKind::Config;
    // No server listens there, and nothing is sent.
    let stacks = with_token("http://127.0.0.1:1").stacks();
    let new = || NewStack::new("web", template());
    let mut report = Report::default();
    let rows = [
        (
            "a tag with a comma",
            new().tags(["a,b"]),
            "create stack \"web\": invalid tag \"a,b\": use 1 to 80 characters without a comma",
        ),
        (
            "an empty tag",
            new().tags(["a", ""]),
            "create stack \"web\": invalid tag \"\": use 1 to 80 characters without a comma",
        ),
        (
            "a long tag",
            new().tags(["t".repeat(81)]),
            "create stack \"web\": invalid tag \"ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt\": use 1 to 80 characters without a comma",
        ),
        (
            "a very long tag",
            new().tags(["t".repeat(81_000)]),
            "create stack \"web\": invalid tag \"ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt…",
        ),
        (
            "a tag with a line break",
            new().tags(["a\n,"]),
            "create stack \"web\": invalid tag \"a\\n,\": use 1 to 80 characters without a comma",
        ),
        (
            "no time",
            new().timeout(Duration::ZERO),
            "create stack \"web\": invalid timeout of zero: use at least 1 minute",
        ),
        (
            "a parameter that is no JSON",
            new().parameter("p", std::collections::HashMap::from([(vec![1], 2)])),
            "create stack \"web\": the value of parameter \"p\" cannot be written as JSON",
        ),
        (
            "a parameter with a secret that is no JSON",
            new().parameter("p", std::collections::HashMap::from([((PASSWORD, 1), 2)])),
            "create stack \"web\": the value of parameter \"p\" cannot be written as JSON",
        ),
    ];
    let mut count = rows.len();
    for (what, stack, text) in rows {
        let error = stacks.create(stack).await.unwrap_err();
        report.row(what, &error, &[], Config, text);
    }
    for name in ["", ".", "..", "a/b/c", "/", "../../v3/users"] {
        let text = format!(
            "show stack \"{name}\": invalid stack {name:?}: expected a name, an id, or name/id"
        );
        let error = stacks.get(name).await.unwrap_err();
        report.row(&format!("show {name:?}"), &error, &[], Config, &text);
        let error = stacks.delete(name).await.unwrap_err();
        report.row(
            &format!("delete {name:?}"),
            &error,
            &[],
            Config,
            &text.replace("show", "delete"),
        );
        count += 2;
    }
    let error = stacks.get("a\n/").await.unwrap_err();
    report.row(
        "a name with a line break",
        &error,
        &[],
        Config,
        "show stack \"a /\": invalid stack \"a\\n/\": expected a name, an id, or name/id",
    );
    let error = stacks
        .update("x/y/z", StackUpdate::existing())
        .await
        .unwrap_err();
    report.row(
        "update of no stack",
        &error,
        &[],
        Config,
        "update stack \"x/y/z\": invalid stack \"x/y/z\": expected a name, an id, or name/id",
    );
    report.finish(count + 2);
}

#[tokio::test]
#[allow(clippy::too_many_lines)]
async fn answers() {
    use ErrorKind::{Decode, Interrupted, Redirect, Status, Timeout};
    let bomb = gzip(&vec![b' '; 16 << 20]);
    let bad = "400 Bad Request";
    let error_json = |body: &str| json_answer(bad, body);
    let rows: Vec<(&str, Vec<u8>, ErrorKind, &str)> = vec![
        ("a page", html("200 OK", "<html>Please log in</html>"), Decode, "list stacks: expected JSON, got text/html (server SERVER)"),
        ("a page that says it is JSON", json_answer("200 OK", "<html>"), Decode, "list stacks: the response is not in the expected format: expected value at line 1 column 1 (server SERVER)"),
        ("nothing", answer("200 OK", "", ""), Decode, "list stacks: expected JSON, got an empty response (server SERVER)"),
        ("nothing, as JSON", json_answer("200 OK", ""), Decode, "list stacks: expected JSON, got an empty response (server SERVER)"),
        ("204", answer("204 No Content", "", ""), Decode, "list stacks: expected JSON, got an empty response (server SERVER)"),
        ("304", b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(), Decode, "list stacks: unexpected response status 304 Not Modified (server SERVER)"),
        ("300", json_answer("300 Multiple Choices", "{\"versions\": []}"), Decode, "list stacks: unexpected response status 300 Multiple Choices (server SERVER)"),
        ("JSON that stops", json_answer("200 OK", "{\"stacks\": ["), Decode, "list stacks: the response is not in the expected format: EOF while parsing a list at line 1 column 12 (server SERVER)"),
        ("another shape", json_answer("200 OK", "{\"servers\": []}"), Decode, "list stacks: the response is not in the expected format: missing field `stacks` at line 1 column 15 (server SERVER)"),
        ("a field of another type", json_answer("200 OK", "{\"stacks\": [{\"id\": 17}]}"), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 21 (server SERVER)"),
        ("an array", json_answer("200 OK", "[]"), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 2 (server SERVER)"),
        ("a number", json_answer("200 OK", "17"), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 2 (server SERVER)"),
        ("null", json_answer("200 OK", "null"), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 4 (server SERVER)"),
        ("more behind the JSON", json_answer("200 OK", "{\"stacks\": []} {}"), Decode, "list stacks: the response is not in the expected format: trailing characters at line 1 column 16 (server SERVER)"),
        ("not UTF-8", raw("200 OK\r\ncontent-type: application/json", b"{\"stacks\": \"\xff\xfe\"}"), Decode, "list stacks: the response is not in the expected format: invalid unicode code point at line 1 column 13 (server SERVER)"),
        ("a content type with quotes of nonsense", answer("200 OK", "content-type: text/\tx  y\r\n", "a"), Decode, "list stacks: expected JSON, got text/ x y (server SERVER)"),
        ("a long content type", answer("200 OK", &format!("content-type: {}\r\n", "x".repeat(9_000)), "a"), Decode, "list stacks: expected JSON, got xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"),
        ("a wrong shape with a long text", json_answer("200 OK", &format!("{{\"stacks\": \"{}\"}}", "x".repeat(9_000))), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 9013 (server SERVER)"),
        ("nested too deep", json_answer("200 OK", &format!("{{\"stacks\": {}", "[".repeat(9_000))), Decode, "list stacks: the response is not in the expected format: unexpected content at line 1 column 12 (server SERVER)"),
        ("gzip that is none", raw("200 OK\r\ncontent-encoding: gzip", b"no gzip"), Interrupted, "list stacks: the gzip encoding of the response is truncated (server SERVER)"),
        ("gzip that stops", raw("200 OK\r\ncontent-encoding: gzip", &gzip(b"{\"stacks\": []}")[..12]), Interrupted, "list stacks: the gzip encoding of the response is truncated (server SERVER)"),
        ("nothing, gzipped", raw("200 OK\r\ncontent-encoding: gzip", b""), Decode, "list stacks: expected JSON, got an empty response (server SERVER)"),
        ("an encoding that was not asked for", raw("200 OK\r\ncontent-encoding: br", b"\x0b\x02\x80"), Decode, "list stacks: the response is encoded with br, which was not requested (server SERVER)"),
        ("a gzip bomb", raw("200 OK\r\ncontent-encoding: gzip", &bomb), Decode, "list stacks: the response is not in the expected format: EOF while parsing a value at line 1 column 16777216 (server SERVER)"),
        ("a gzip bomb in an error", raw("500 Oops\r\ncontent-encoding: gzip\r\ncontent-type: text/plain", &bomb), Status, "list stacks: 500 Internal Server Error"),
        ("101", b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".to_vec(), Decode, "list stacks: unexpected response status 101 Switching Protocols (server SERVER)"),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec(), Decode, "list stacks: the response is not HTTP: invalid HTTP version parsed; the port may expect https:// (server SERVER)"),
        ("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n".to_vec(), Decode, "list stacks: the response is not HTTP: invalid HTTP status-code parsed (server SERVER)"),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), Decode, "list stacks: the response is not HTTP: invalid HTTP version parsed; the port may expect https:// (server SERVER)"),
        ("TLS", b"\x15\x03\x01\0\x02\x02\x28".to_vec(), Decode, "list stacks: the response is not HTTP: invalid HTTP version parsed; the port may expect https:// (server SERVER)"),
        ("a head too long", answer("200 OK", &format!("x: {}\r\n", "x".repeat(1 << 20)), ""), Decode, "list stacks: the response is not HTTP: message head is too large (server SERVER)"),
        ("a length that is no number", b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n".to_vec(), Decode, "list stacks: the response is not HTTP: invalid content-length parsed (server SERVER)"),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ".to_vec(), Decode, "list stacks: the response is not HTTP: invalid content-length parsed (server SERVER)"),
        ("a length too large", b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 999\r\n\r\n{\"stacks\": []}".to_vec(), Interrupted, "list stacks: the connection broke before the response was complete (server SERVER)"),
        ("a length too small", b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n{\"stacks\": []}".to_vec(), Decode, "list stacks: the response is not in the expected format: EOF while parsing a string at line 1 column 5 (server SERVER)"),
        ("a chunk of no length", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(), Interrupted, "list stacks: the connection broke before the response was complete (server SERVER)"),
        ("a body that stops coming", b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"stacks\"login as demo at http://SERVER/v3: the response stalled: no bytes for 60s".to_vec(), Timeout, "list stacks: the response stalled: no bytes for 60s (server SERVER)"),
        ("a head that stops coming", b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), Timeout, "list stacks: no response within 60s (server SERVER)"),
        ("half a head", b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-".to_vec(), Interrupted, "list stacks: the connection broke before a response arrived; the port may expect https:// (server SERVER)"),
        ("a closed connection", Vec::new(), Interrupted, "list stacks: the connection broke before a response arrived; the port may expect https:// (server SERVER)"),
        ("a proxy's page", html("502 Bad Gateway", "<html><head><title>502 Bad Gateway</title></head></html>"), Status, "list stacks: 502 Bad Gateway"),
        ("a proxy's other page", html("503 Service Unavailable", "<html><h1>Sorry</h1></html>"), Status, "list stacks: 503 Service Unavailable"),
        ("plain text", answer("500 Internal Server Error", "content-type: text/plain\r\n", "Internal Server Error\n\n"), Status, "list stacks: 500 Internal Server Error"),
        ("a long text", answer("500 Internal Server Error", "content-type: text/plain\r\n", &"no ".repeat(9_000)), Status, "list stacks: 500 Internal Server Error: no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no … o no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no no"),
        ("an error without a body", answer("404 Not Found", "", ""), Status, "list stacks: http://SERVER/v1/p/stacks did not answer like Heat (404 Not Found); a proxy or load balancer may be in between"),
        ("an unknown status", answer("599 Odd", "", ""), Status, "list stacks: 599 (unknown status)"),
        ("an error page's title like its status", answer("404 Not Found", "content-type: text/plain\r\n", "404 Not Found"), Status, "list stacks: http://SERVER/v1/p/stacks did not answer like Heat (404 Not Found); a proxy or load balancer may be in between"),
        ("Heat", json_answer("409 Conflict", r#"{"code":409,"title":"Conflict","explanation":"There was a conflict when trying to complete your request.","error":{"type":"StackExists","traceback":null,"message":"The Stack (web) already exists."}}"#), Status, "list stacks: 409 Conflict: The Stack (web) already exists."),
        ("Heat without a message", json_answer("500 Internal Server Error", r#"{"code":500,"title":"Internal Server Error","explanation":"The server has either erred or is incapable of performing the requested operation.","error":{"type":"AttributeError","traceback":null}}"#), Status, "list stacks: 500 Internal Server Error: The server has either erred or is incapable of performing the requested operation."),
        ("Heat with a long message", json_answer(bad, &json!({"error": {"message": format!("Property error: value '{}' is not a number", "x".repeat(9_000))}}).to_string()), Status, "list stacks: 400 Bad Request: Property error: value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"),
        ("Heat with a message of lines", json_answer(bad, r#"{"error":{"message":"ERROR: The template\n  version\tis\u001b[31m invalid:\r\n \"1\"."}}"#), Status, "list stacks: 400 Bad Request: ERROR: The template version is [31m invalid: \"1\"."),
        ("Keystone", json_answer("401 Unauthorized", r#"{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}"#), Status, "list stacks: 401 Unauthorized: The request you have made requires authentication."),
        ("Nova", json_answer("404 Not Found", r#"{"itemNotFound":{"code":404,"message":"Instance could not be found"}}"#), Status, "list stacks: http://SERVER/v1/p/stacks did not answer like Heat (404 Not Found); a proxy or load balancer may be in between"),
        ("Neutron", error_json(r#"{"NeutronError":{"type":"InvalidInput","message":"Invalid input","detail":""}}"#), Status, "list stacks: 400 Bad Request: Invalid input"),
        ("OAuth", error_json(r#"{"error":"invalid_grant","error_description":"The code is spent"}"#), Status, "list stacks: 400 Bad Request: The code is spent"),
        ("problem details", answer(bad, "content-type: application/problem+json\r\n", r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"No such flavour"}"#), Status, "list stacks: 400 Bad Request: No such flavour"),
        ("problem details with a title alone", answer(bad, "content-type: application/problem+json\r\n", r#"{"type":"about:blank","title":"Bad Request","status":400}"#), Status, "list stacks: 400 Bad Request"),
        ("an error that is a text", error_json(r#"{"error":"text"}"#), Status, "list stacks: 400 Bad Request: text"),
        ("an error that is a number", error_json(r#"{"error":17}"#), Status, "list stacks: 400 Bad Request"),
        ("an error that is JSON of no known shape", error_json("[1, 2]"), Status, "list stacks: 400 Bad Request"),
        ("an error that is no JSON", error_json("{"), Status, "list stacks: 400 Bad Request"),
        ("a request id with a colour", answer("500 Internal Server Error", "x-openstack-request-id: req-\t1  2\r\n", ""), Status, "list stacks: 500 Internal Server Error (request req- 1 2)"),
        ("a long request id", answer("500 Internal Server Error", &format!("x-openstack-request-id: {}\r\n", "r".repeat(9_000)), ""), Status, "list stacks: 500 Internal Server Error (request rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr … rrrrrrrrrrrrrrrrrrrr)"),
        ("a busy server", answer("503 Service Unavailable", "retry-after: 3600\r\n", ""), Status, "list stacks: 503 Service Unavailable"),
        ("a redirect without a Location", answer("302 Found", "", ""), Redirect, "list stacks: the redirect has no Location (server SERVER)"),
        ("a redirect to ftp", answer("302 Found", "location: ftp://elsewhere/x\r\n", ""), Redirect, "list stacks: invalid redirect Location: the scheme ftp is neither http nor https (server SERVER)"),
        ("a redirect to a file", answer("302 Found", "location: file:///etc/passwd\r\n", ""), Redirect, "list stacks: invalid redirect Location: the scheme file is neither http nor https (server SERVER)"),
        ("a redirect with a password", answer("302 Found", "location: http://demo:swordfish-5ecret@elsewhere/\r\n", ""), Redirect, "list stacks: invalid redirect Location: it contains a user name or password (server SERVER)"),
        ("a redirect that is no URL", answer("302 Found", "location: http://[/\r\n", ""), Redirect, "list stacks: invalid redirect Location: not a URL (server SERVER)"),
        ("a redirect that is no text",
            b"HTTP/1.1 302 Found\r\nlocation: /\xff\r\ncontent-length: 0\r\n\r\n".to_vec(),
            Redirect, "list stacks: invalid redirect Location: not a URL (server SERVER)"),
        ("a redirect to itself", answer("302 Found", "location: stacks\r\n", "login as demo at http://SERVER/v3: gave up after 30 redirects"), Redirect, "list stacks: the server redirects to the same URL (server SERVER)"),
    ];
    let count = rows.len();
    let (clock, mut report) = (Clock::stop(), Report::default());
    for (what, bytes, kind, text) in rows {
        let server = always(bytes).await;
        let heat = with_token(&server.url);
        let hide = [(authority(&server), "SERVER")];
        match clock.moving(STEP, heat.stacks().list()).await {
            Err(error) => report.row(what, &error, &hide, kind, text),
            Ok(stacks) => report
                .wrong
                .push(format!("{what}: accepted as {} stacks", stacks.len())),
        }
    }
    report.finish(count);
}

#[tokio::test]
async fn connections() {
    use ErrorKind::{Connect, Decode, Tls};
    let mut report = Report::default();
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let dead = format!("127.0.0.1:{port}");
    let hide = [(dead.as_str(), "SERVER")];

    let error = with_token(&format!("http://{dead}"))
        .stacks()
        .list()
        .await
        .unwrap_err();
    report.row(
        "nobody listens",
        &error,
        &hide,
        Connect,
        "list stacks: cannot connect to SERVER: Connection refused (os error 111)",
    );
    let login = demo(&format!("http://{dead}/v3"), PASSWORD);
    let heat = Client::new(hasty(Session::builder(login)));
    let error = heat
        .stacks()
        .create(NewStack::new("web", template()))
        .await
        .unwrap_err();
    report.row("no Keystone listens", &error, &hide, Connect, "login as demo at http://SERVER/v3: cannot connect to SERVER: Connection refused (os error 111)");
    assert!(!error.may_have_been_sent());

    // The reserved top-level domain (RFC 6761, 6.4). Without a network no name is resolved.
    let error = with_token("http://heat.invalid")
        .stacks()
        .list()
        .await
        .unwrap_err();
    report.row(
        "no such host",
        &error,
        &[],
        Connect,
        "list stacks: cannot connect to heat.invalid: failed to lookup address information: …",
    );

    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let https = plain.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let mut hello = [0; 8];
        stream.read_exact(&mut hello).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    let error = with_token(&format!("https://{https}"))
        .stacks()
        .list()
        .await
        .unwrap_err();
    report.row(
        "TLS where there is none",
        &error,
        &[(https.as_str(), "SERVER")],
        Tls,
        "list stacks: cannot connect to SERVER: it does not speak TLS; use http://?",
    );

    let large = always(json_answer(
        "200 OK",
        &format!("{{\"stacks\": [], \"x\": \"{}\"}}", "x".repeat(5_000)),
    ))
    .await;
    let adapter = with_token(&large.url).adapter().clone();
    let error = adapter
        .get("/stacks")
        .answer_limit(4096)
        .bytes()
        .await
        .unwrap_err();
    report.row(
        "an answer over the limit",
        &error,
        &[(authority(&large), "SERVER")],
        Decode,
        "the response is longer than the limit of 4096 bytes (server SERVER)",
    );
    let bomb = gzip(&vec![b' '; 32 << 20]);
    let bomb = always(raw("200 OK\r\ncontent-encoding: gzip", &bomb)).await;
    let adapter = with_token(&bomb.url).adapter().clone();
    let error = adapter
        .get("/stacks")
        .answer_limit(4096)
        .bytes()
        .await
        .unwrap_err();
    report.row(
        "a bomb over the limit",
        &error,
        &[(authority(&bomb), "SERVER")],
        Decode,
        "the response is longer than the limit of 4096 bytes (server SERVER)",
    );

    // An HTML page is not a success, even if the body is not used.
    let portal = always(html("200 OK", "<html>Please log in</html>")).await;
    let heat = with_token(&portal.url);
    let hide = [(authority(&portal), "SERVER")];
    let error = heat.stacks().delete("web/1").await.unwrap_err();
    report.row(
        "a page for a delete",
        &error,
        &hide,
        Decode,
        "delete stack \"web/1\": expected JSON, got text/html (server SERVER)",
    );
    let error = heat.stacks().suspend("web/1").await.unwrap_err();
    report.row(
        "a page for a suspend",
        &error,
        &hide,
        Decode,
        "suspend stack \"web/1\": expected JSON, got text/html (server SERVER)",
    );
    let unchanged = always(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()).await;
    let error = with_token(&unchanged.url)
        .stacks()
        .delete("web/1")
        .await
        .unwrap_err();
    report.row(
        "304 for a delete",
        &error,
        &[(authority(&unchanged), "SERVER")],
        Decode,
        "delete stack \"web/1\": unexpected response status 304 Not Modified (server SERVER)",
    );
    report.finish(9);
}
