//! Logins and catalogs.

use heatclient::catalog::Interface;
use heatclient::{Client, ErrorKind, Session};
use heatclient_test_support::demo;
use heatclient_test_support::scripted::{Scripted, answer, json as json_answer};
use heatclient_test_support::time::Clock;
use serde_json::{Value, json};

use super::{PASSWORD, Report, STEP, always, authority, hasty, html, issued, raw, token};

#[tokio::test]
async fn logins() {
    use ErrorKind::{Auth, Decode, Interrupted, Redirect, Timeout};
    let none = token(&json!([]));
    let receipt = "openstack-auth-receipt: gAAAA-5ecret\r\n";
    let methods = r#"{"receipt": {"methods": ["password"]}, "required_auth_methods": [["password", "totp"]]}"#;
    let rows: Vec<(&str, Vec<u8>, ErrorKind, &str)> = vec![
        (
            "a wrong password",
            json_answer(
                "401 Unauthorized",
                r#"{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}"#,
            ),
            Auth,
            "login as demo at http://SERVER/v3: 401 Unauthorized: The request you have made requires authentication.",
        ),
        (
            "a second factor",
            answer("401 Unauthorized", receipt, methods),
            Auth,
            "login as demo at http://SERVER/v3: 401 Unauthorized: more authentication methods are required: totp",
        ),
        (
            "forbidden",
            json_answer(
                "403 Forbidden",
                r#"{"error":{"message":"You are not authorized to perform the requested action.","code":403,"title":"Forbidden"}}"#,
            ),
            Auth,
            "login as demo at http://SERVER/v3: 403 Forbidden: You are not authorized to perform the requested action.",
        ),
        (
            "no identity service",
            html("404 Not Found", "<html><title>404 Not Found</title></html>"),
            Auth,
            "login as demo at http://SERVER/v3: the server did not answer like Keystone (404 Not Found); check the auth URL",
        ),
        (
            "a broken identity service",
            html(
                "500 Internal Server Error",
                "<html><title>Internal Server Error</title></html>",
            ),
            Auth,
            "login as demo at http://SERVER/v3: 500 Internal Server Error",
        ),
        (
            "a login page",
            html("200 OK", "<html>swordfish-5ecret</html>"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got text/html; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "nothing",
            answer("201 Created", "", ""),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got an empty response; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "204",
            answer("204 No Content", "", ""),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got an empty response; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "an array",
            issued("[]"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "JSON that stops",
            issued("{\"token\": {"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got text that is not JSON; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "no token in the body",
            issued("{}"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "a token of version 2",
            issued("{\"access\": {\"token\": {\"id\": \"gAAAA-5ecret\"}}}"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "no token in the head",
            json_answer("201 Created", &none),
            Auth,
            "login as demo at http://SERVER/v3: the identity service's response has no X-Subject-Token header; a proxy may have removed it",
        ),
        (
            "an empty token in the head",
            answer("201 Created", "x-subject-token: \r\n", &none),
            Auth,
            "login as demo at http://SERVER/v3: the identity service's response has no X-Subject-Token header; a proxy may have removed it",
        ),
        (
            "a token that is no text",
            raw(
                "201 Created\r\nx-subject-token: \u{e9}5ecret",
                none.as_bytes(),
            ),
            Auth,
            "login as demo at http://SERVER/v3: the identity service's response has no X-Subject-Token header; a proxy may have removed it",
        ),
        (
            "300",
            json_answer("300 Multiple Choices", "{}"),
            Auth,
            "login as demo at http://SERVER/v3: expected a token from the identity service, got other JSON; check the auth URL (OS_AUTH_URL)",
        ),
        (
            "a redirect elsewhere",
            answer(
                "302 Found",
                "location: http://elsewhere/v3/auth/tokens\r\n",
                "",
            ),
            Redirect,
            "login as demo at http://SERVER/v3: refused to redirect a POST to another server, http://elsewhere",
        ),
        (
            "a redirect to itself",
            answer("302 Found", "location: tokens\r\n", ""),
            Redirect,
            "login as demo at http://SERVER/v3: the server redirects to the same URL",
        ),
        (
            "no HTTP",
            b"220 smtp ready\r\n\r\n".to_vec(),
            Decode,
            "login as demo at http://SERVER/v3: the response is not HTTP: invalid HTTP version parsed; the port may expect https://",
        ),
        (
            "a closed connection",
            Vec::new(),
            Interrupted,
            "login as demo at http://SERVER/v3: the connection broke before a response arrived; the port may expect https://",
        ),
        (
            "a body that stops coming",
            b"HTTP/1.1 201 Created\r\ncontent-length: 999\r\n\r\n{".to_vec(),
            Timeout,
            "login as demo at http://SERVER/v3: the response stalled: no bytes for 60s",
        ),
    ];
    let count = rows.len();
    let (clock, mut report) = (Clock::stop(), Report::default());
    for (what, bytes, kind, text) in rows {
        let server = always(bytes).await;
        let auth_url = format!("{}/v3", server.url);
        let heat = Client::new(hasty(Session::builder(demo(&auth_url, PASSWORD))));
        let list = clock.moving(STEP, heat.stacks().list());
        let error = list.await.unwrap_err();
        report.row(what, &error, &[(authority(&server), "SERVER")], kind, text);
    }
    report.finish(count);
}

#[tokio::test]
async fn catalogs() {
    use ErrorKind::{Catalog, Decode, Discovery, Status};
    let heat_at = |interface: &str, url: &str| {
        json!([{"type": "orchestration", "name": "heat", "endpoints": [
            {"interface": interface, "region": "One", "region_id": "One", "url": url}]}])
    };
    let public = heat_at("public", "HERE/v1/p");
    let unversioned = heat_at("public", "HERE/heat");
    // The catalog, the requested region and interface, the version document.
    type Row<'a> = (
        &'a str,
        Value,
        Option<&'a str>,
        Interface,
        Vec<u8>,
        ErrorKind,
        &'a str,
    );
    let nothing = || json_answer("404 Not Found", "");
    let document = |body: &str| json_answer("200 OK", body);
    let rows: Vec<Row<'_>> = vec![
        (
            "no services",
            json!([]),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration: the catalog of the token is empty; log in with a project (project_name or project_id)",
        ),
        (
            "no catalog",
            json!(null),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration: the catalog of the token is empty; log in with a project (project_name or project_id)",
        ),
        (
            "a catalog that is a text",
            json!("swordfish-5ecret"),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration: the catalog of the token is empty; log in with a project (project_name or project_id)",
        ),
        (
            "entries that are none",
            json!([17, null, {"type": 3}, {"type": "orchestration", "endpoints": 3}]),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration: the catalog of the token is empty; log in with a project (project_name or project_id)",
        ),
        (
            "another service",
            json!([{"type": "compute", "endpoints": [{"interface": "public", "url": "http://nova/"}]}]),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration; available types: compute",
        ),
        (
            "an endpoint without a URL",
            json!([{"type": "compute", "endpoints": [{"interface": "public", "url": "http://nova/"}]}, {"type": "orchestration", "endpoints": [{"interface": "public", "url": null}]}]),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration; the one in the catalog is not valid: it has no URL",
        ),
        (
            "another region",
            public.clone(),
            Some("Two"),
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration in region Two; available regions: One",
        ),
        (
            "a region with a line break",
            public.clone(),
            Some("T\nwo"),
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration in region T wo; available regions: One",
        ),
        (
            "another interface",
            public,
            None,
            Interface::Admin,
            nothing(),
            Catalog,
            "list stacks: no admin endpoint of type orchestration; available interfaces: public",
        ),
        (
            "a URL that is none",
            heat_at("public", "http://demo:swordfish-5ecret@heat/"),
            None,
            Interface::Public,
            nothing(),
            Catalog,
            "list stacks: no public endpoint of type orchestration; the one in the catalog is not valid: its URL contains a user name or password before its host; pass them as options of the auth plugin",
        ),
        // Without a version document the URL of the catalog is used, as in keystoneauth.
        (
            "no document",
            unversioned.clone(),
            None,
            Interface::Public,
            nothing(),
            Status,
            "list stacks: http://SERVER/heat/stacks did not answer like Heat (404 Not Found); a proxy or load balancer may be in between",
        ),
        (
            "a page for a document",
            unversioned.clone(),
            None,
            Interface::Public,
            html("200 OK", "<html>"),
            Decode,
            "list stacks: expected JSON, got text/html (server SERVER)",
        ),
        (
            "no JSON for a document",
            unversioned.clone(),
            None,
            Interface::Public,
            document("{"),
            Decode,
            "list stacks: the response is not in the expected format: EOF while parsing an object at line 1 column 1 (server SERVER)",
        ),
        (
            "an array for a document",
            unversioned.clone(),
            None,
            Interface::Public,
            document("[]"),
            Decode,
            "list stacks: the response is not in the expected format: unexpected content at line 1 column 2 (server SERVER)",
        ),
        (
            "a document without versions",
            unversioned.clone(),
            None,
            Interface::Public,
            document("{\"versions\": []}"),
            Discovery,
            "list stacks: no API v1 at http://SERVER/heat (found none)",
        ),
        (
            "versions that are none",
            unversioned.clone(),
            None,
            Interface::Public,
            document("{\"versions\": [1, {\"id\": \"vX\"}]}"),
            Discovery,
            "list stacks: no API v1 at http://SERVER/heat (found none)",
        ),
        (
            "another version",
            unversioned.clone(),
            None,
            Interface::Public,
            document(
                r#"{"versions": [{"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": "http://in/v2/"}]}]}"#,
            ),
            Discovery,
            "list stacks: no API v1 at http://SERVER/heat (found v2.0)",
        ),
        (
            "an experiment",
            unversioned,
            None,
            Interface::Public,
            document(
                r#"{"versions": [{"id": "v1.0", "status": "EXPERIMENTAL", "links": [{"rel": "self", "href": "http://in/v1/"}]}]}"#,
            ),
            Discovery,
            "list stacks: no API v1 at http://SERVER/heat (found v1.0 experimental)",
        ),
    ];
    let count = rows.len();
    let mut report = Report::default();
    for (what, catalog, region, interface, versions, kind, text) in rows {
        let server = Scripted::start(move |request| {
            let here = format!("http://{}", request.header("host").unwrap());
            match request.path.as_str() {
                "/v3/auth/tokens" => issued(&token(&catalog).replace("HERE", &here)),
                _ => versions.clone(),
            }
        })
        .await;
        let auth_url = format!("{}/v3", server.url);
        let session = hasty(Session::builder(demo(&auth_url, PASSWORD)));
        let mut builder = Client::builder(session).interface(interface);
        if let Some(region) = region {
            builder = builder.region(region);
        }
        match builder.build().stacks().list().await {
            Err(error) => report.row(what, &error, &[(authority(&server), "SERVER")], kind, text),
            Ok(_) => report.wrong.push(format!("{what}: accepted")),
        }
    }
    report.finish(count);
}
