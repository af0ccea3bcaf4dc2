//! Explanations of endpoints, as text and as JSON.

use heatclient::Session;
use heatclient::auth::{AdminToken, NoAuth};
use heatclient::catalog::{EndpointSource, Interface, Verdict};
use heatclient::testing::{self, ScriptedTransport};
use serde_json::json;

fn session() -> (Session, ScriptedTransport) {
    let token = testing::token()
        .project("p1")
        .endpoint_in("volumev3", "One", Interface::Public, "http://cinder/v3/p1")
        .endpoint_in("block-storage", "One", Interface::Admin, "http://cinder:1/")
        .endpoint_in("block-storage", "One", Interface::Public, "http://cinder/")
        .endpoint_in("block-storage", "One", Interface::Public, "http://other/")
        .endpoint_in("block-storage", "Two", Interface::Public, "http://cinder2/");
    let wire = ScriptedTransport::new(|request| match request.uri.host() {
        Some("cinder") => testing::json(
            300,
            json!({"versions": [
                {"id": "v2.0", "status": "DEPRECATED", "links": [{"rel": "self", "href": "http://in/v2/"}]},
                {"id": "v3.0", "status": "CURRENT", "min_version": "3.0", "version": "3.70",
                    "links": [{"rel": "self", "href": "http://in/v3/"}]},
            ]}),
        ),
        _ => testing::json(404, json!({"error": {"message": "nothing here"}})),
    });
    (
        Session::builder(token).transport(wire.clone()).build(),
        wire,
    )
}

#[tokio::test(start_paused = true)]
async fn an_explanation_has_the_catalog_the_documents_and_the_choice() {
    let (session, wire) = session();
    let adapter = session.adapter("block-storage").region("One").version(3);
    let adapter = adapter.default_microversion((3, 99)).build();
    let explanation = adapter.explain().await.unwrap();
    assert_eq!(
        explanation.to_string(),
        "Looked for: public endpoint of type block-storage in region One, API v3\n\
         Source: the service catalog of the token\n\
         Endpoints in the catalog:\n\
         \x20 http://cinder/v3/p1 (public, One, volumev3, volumev3): the service type block-storage is preferred\n\
         \x20 http://cinder:1/ (admin, One, block-storage, block-storage): its interface admin is not public\n\
         \x20 http://cinder/ (public, One, block-storage, block-storage): chosen\n\
         \x20 http://other/ (public, One, block-storage, block-storage): an endpoint before it in the catalog matches, too\n\
         \x20 http://cinder2/ (public, Two, block-storage, block-storage): its region Two is not One\n\
         Version documents:\n\
         \x20 http://cinder/: found v2.0 (DEPRECATED), v3.0 (CURRENT)\n\
         Note: the block-storage service does not support microversion 3.99 (it supports 3.0 to 3.70)\n\
         Endpoint: http://cinder/v3/\n\
         API version: 3.0 (CURRENT)\n\
         Microversions: 3.0 to 3.70\n\
         Microversion of requests: 3.99\n"
    );
    assert_eq!(wire.requests().len(), 1);
    let json = serde_json::to_value(&explanation).unwrap();
    for (pointer, expected) in [
        ("/query/service_type", json!("block-storage")),
        ("/query/versions", json!("v3")),
        ("/query/interfaces", json!(["public"])),
        ("/source", json!("catalog")),
        ("/considered/0/verdict", json!("less_preferred_type")),
        ("/considered/2/verdict", json!("chosen")),
        ("/probes/0/url", json!("http://cinder/")),
        ("/probes/0/versions/1/max_microversion", json!("3.70")),
        ("/endpoint/url", json!("http://cinder/v3/")),
        ("/endpoint/catalog_url", json!("http://cinder/")),
        ("/endpoint/api_version", json!("3.0")),
        ("/endpoint/status", json!("CURRENT")),
        ("/default_microversion", json!("3.99")),
        ("/problem", json!(null)),
    ] {
        assert_eq!(
            json.pointer(pointer),
            Some(&expected),
            "{pointer} of {json}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_explanation_without_an_endpoint_says_what_to_do() {
    let (session, _) = session();
    let admin = session
        .adapter("volumev3")
        .interfaces([Interface::Admin, Interface::Internal]);
    let explanation = admin.clone().region("Two").build().explain().await.unwrap();
    // The official type stands for an alias.
    let verdicts: Vec<_> = explanation.considered().iter().map(|c| c.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::OtherRegion,
            Verdict::OtherRegion,
            Verdict::OtherRegion,
            Verdict::OtherRegion,
            Verdict::OtherInterface
        ]
    );
    let text = explanation.to_string();
    assert!(
        text.contains("its interface public is not admin or internal\n"),
        "{text}"
    );
    assert!(
        text.contains("\nProblem: no admin or internal endpoint of type volumev3"),
        "{text}"
    );
    assert!(text.contains("\nAdvice: choose a region"), "{text}");
    // A version that does not fit the type.
    let explanation = session
        .adapter("volumev3")
        .version(2)
        .build()
        .explain()
        .await
        .unwrap();
    assert_eq!(
        explanation.problem(),
        Some("version 2.0 does not fit the service type volumev3, which is for version 3")
    );
    // A fallback.
    let old = session
        .adapter("block-storage")
        .region("Two")
        .version(3)
        .build();
    let explanation = old.explain().await.unwrap();
    assert_eq!(explanation.endpoint().unwrap().url, "http://cinder2/");
    assert_eq!(
        explanation.notes(),
        ["no version document was found for v3; the catalog's URL is used, whatever its version"]
    );
    assert_eq!(explanation.probes()[0].status, Some(404));
    let error = explanation.probes()[0].error.as_deref();
    assert_eq!(
        error,
        Some("404 Not Found: nothing here (request req-test)")
    );
}

#[tokio::test(start_paused = true)]
async fn the_sources_of_endpoints_are_named() {
    let (session, wire) = session();
    let given = session.adapter("block-storage").version(3);
    let given = given
        .endpoint_override("http://given/%(project_id)s".parse().unwrap())
        .build();
    let explanation = given.explain().await.unwrap();
    assert_eq!(explanation.source(), Some(EndpointSource::Override));
    assert_eq!(explanation.endpoint().unwrap().url, "http://given/p1");
    assert!(explanation.considered().is_empty());
    // defect 27 of keystoneauth: its `get_endpoint` returns the template.
    assert_eq!(given.endpoint().await.unwrap(), "http://given/p1");

    let token = AdminToken::new("http://cinder/v3", "secret").unwrap();
    let session = Session::builder(token).transport(wire.clone()).build();
    let explanation = session.adapter("volumev3").build().explain().await.unwrap();
    assert_eq!(explanation.source(), Some(EndpointSource::Plugin));
    assert_eq!(explanation.endpoint().unwrap().url, "http://cinder/v3");
    assert!(!format!("{explanation:?} {explanation}").contains("secret"));

    let session = Session::builder(NoAuth::new()).transport(wire).build();
    let explanation = session.adapter("compute").build().explain().await.unwrap();
    assert_eq!(explanation.source(), None);
    assert_eq!(
        explanation.problem(),
        Some(
            "the auth plugin provides no service catalog; set endpoint_override to the URL of the compute service"
        )
    );
}
