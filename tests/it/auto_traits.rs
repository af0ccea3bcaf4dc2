//! What the interface promises of its types across threads and in containers. Checked by the compiler: nothing here
//! runs. Programs break when one of these is lost, and no signature shows it.

use std::future::{Future, Ready};

use bytes::Bytes;
use heatclient::auth::identity::{
    self, AuthUrl, CredentialRef, Login, LoginMethod, Receipt, UserRef,
};
use heatclient::auth::{self, AuthContext, AuthPlugin};
use heatclient::heat::{self, StackSummary};
use heatclient::service::{self, ItemStream, ResponseFuture};
use heatclient::session::layers::{
    AddToken, AddTokenFuture, AddTokenLayer, Reauthenticate, ReauthenticateFuture,
    ReauthenticateLayer,
};
use heatclient::session::{
    Adapter, AdapterBuilder, RequestBuilder, SessionBuilder, SessionFuture, TokenCell,
};
use heatclient::transport::layers::{
    Attempt, AttemptFuture, AttemptLayer, CallSpan, CallSpanFuture, CallSpanLayer, Concurrency,
    ConcurrencyFuture, ConcurrencyLayer, Deadline, DeadlineFuture, DeadlineLayer, DefaultHeaders,
    DefaultHeadersLayer, Gzip, GzipFuture, GzipLayer, RateLimit, RateLimitLayer, RateLimited,
    RateLimitedFuture, Redirect, RedirectFuture, RedirectLayer, Retry, RetryFuture, RetryLayer,
    RetryPolicy,
};
use heatclient::transport::{
    Body, BoxService, Call, CallOptions, HttpClient, Pool, PoolConfig, PoolFuture, TlsConfig,
    UrlShape,
};
use heatclient::{
    Client, Error, ErrorKind, Result, Session, catalog, config, error, loading, sandbox, secret,
    template, testing, uri, yaml,
};

/// Requires the bounds, and `'static`, of every type that follows them.
macro_rules! require {
    ($($bound:path),+ => $($type:ty),+ $(,)?) => {
        const _: fn() = || {
            fn required<T: $($bound +)+ 'static>() {}
            $(required::<$type>();)+
        };
    };
}

// Shared by threads and copied: clients, sessions and all that they are made of.
require! { Clone, Send, Sync, Unpin =>
    Client, Session, Adapter, AdapterBuilder, heat::ClientBuilder,
    heat::Stacks, heat::Resources, heat::Events, heat::Outputs, heat::Snapshots, heat::Templates,
    heat::SoftwareConfigs, heat::SoftwareDeployments,
    HttpClient, Pool, BoxService, PoolConfig, TlsConfig, RetryPolicy, Call, CallOptions, UrlShape,
    AuthContext, auth::Credentials, auth::AdminToken, auth::NoAuth,
    auth::Exec, auth::HttpBasic, auth::ServiceToken,
    identity::ApplicationCredential, identity::Password, identity::Token, identity::ExistingToken,
    identity::MultiFactor, identity::OAuth2ClientCredential, identity::OAuth2MtlsClientCredential,
    identity::TokenlessAuth, identity::Totp, identity::V2Password, identity::V2Token,
    loading::PluginLoader, loading::Registry, loading::OptionValues, loading::Opt,
    config::CloudConfig, config::ConfigBuilder, config::AdapterSettings, config::SessionSettings,
    testing::ScriptedTransport, testing::Token,
}

// Values.
require! { Clone, std::fmt::Debug, Send, Sync, Unpin =>
    Error, ErrorKind, error::Fault, yaml::Error, yaml::Mark, secret::Secret,
    auth::AuthData, auth::CacheInputs, auth::CacheKey, auth::DomainRef, auth::ProjectRef, auth::Scope, auth::Page,
    auth::Prompt, AuthUrl, CredentialRef, UserRef,
    catalog::EndpointQuery, catalog::Interface, catalog::Role, catalog::Version, catalog::VersionDocument,
    catalog::VersionStatus, catalog::ApiVersion, catalog::VersionRange, catalog::DiscoveryOptions, catalog::EndpointData,
    catalog::Explanation, catalog::EndpointSource, catalog::ConsideredEndpoint, catalog::Verdict, catalog::Probe,
    catalog::ServiceVersions, config::Setting, config::Source, loading::PluginState,
    heat::Action, heat::Adoption, heat::BuildInfo, heat::CreatedStack, heat::Environment, heat::Event, heat::Limits, heat::Link, heat::PendingHook, heat::SignalUrl,
    heat::NewStack, heat::Output, heat::Resource, heat::ResourceChanges, heat::DeploymentLog, heat::ResourceFailure, heat::SortDir,
    heat::Snapshot, heat::Stack, heat::StackData, heat::StackPreview, heat::StackRef, heat::StackStatus, StackSummary, heat::StackUpdate,
    heat::Status, heat::Time, heat::ValidatedTemplate, heat::Validation,
    heat::SoftwareConfig, heat::ConfigInput, heat::ConfigOutput, heat::ConfigType, heat::NewSoftwareConfig, heat::ConfigRef,
    heat::SoftwareDeployment, heat::DeploymentMetadata, heat::DeploymentUpdate, heat::NewSoftwareDeployment,
    heat::SignalLogin, heat::SignalTransport, heat::TempUrl,
    template::Hook, template::MissingParameter, template::Package, template::Packer, template::Place,
    template::Policy, template::Problem, template::Rule, template::Severity, template::Snippet, template::Source,
    sandbox::ApplicationCredential, sandbox::Credentials, sandbox::Fault, sandbox::FaultHandle,
    RateLimit, RetryPolicy, sandbox::RecordedRequest, sandbox::SandboxBuilder, sandbox::Service,
}
require! { Send, Sync, Unpin =>
    catalog::AccessInfo, catalog::Endpoint, catalog::ServiceCatalog, LoginMethod, Receipt, TokenCell,
    sandbox::Sandbox, service::Operation, uri::InvalidUrl,
}

// Errors go into boxes and through `?` of any error type.
require! { std::error::Error, Send, Sync => Error, yaml::Error, uri::InvalidUrl }

// Requests before they are sent.
require! { Clone, Send, Sync, Unpin =>
    heat::StackGet, heat::StackList, heat::ResourceGet, heat::ResourceList, heat::EventList, heat::EventFollow,
    heat::Deploy, heat::SoftwareConfigList, heat::SoftwareDeploymentList,
    heat::StackFailures, heat::HookClear, heat::HookPoll, heat::MarkUnhealthy, heat::ResourceSignal, heat::SignalUrlRequest,
    heat::OutputList, heat::SnapshotCreate, heat::SnapshotList, heat::StackDetailList, heat::UpdatePreview, service::Request, service::List<StackSummary>,
}
require! { Send, Unpin => heat::StackAbandon, heat::Wait, heat::StatusWait<heat::Snapshot>, RequestBuilder, SessionBuilder, Body }

// What is awaited: in any task, in `select!`, without pinning.
require! { Send, Unpin =>
    ResponseFuture<()>, ResponseFuture<heat::Stack>, ItemStream<heat::Event>, ItemStream<StackSummary>, SessionFuture,
}

type Inner = BoxService;
type Answered = Ready<Result<http::Response<Body>>>;

// Layers and their services, as far as what they wrap is.
require! { Clone, Send, Sync =>
    AttemptLayer, CallSpanLayer, ConcurrencyLayer, DeadlineLayer, DefaultHeadersLayer, GzipLayer, RedirectLayer,
    RateLimitLayer, RetryLayer, AddTokenLayer, ReauthenticateLayer,
    Attempt<Inner>, CallSpan<Inner>, Concurrency<Inner>, Deadline<Inner>, DefaultHeaders<Inner>, Gzip<Inner>,
    RateLimited<Inner>, Redirect<Inner>, Retry<Inner>, AddToken<Inner>, Reauthenticate<Inner>,
}
require! { Send =>
    AttemptFuture<Answered>, CallSpanFuture<Answered>, DeadlineFuture<Answered>, GzipFuture<Answered>, PoolFuture,
    ConcurrencyFuture<Inner>, RateLimitedFuture<Inner>, RedirectFuture<Inner>, RetryFuture<Inner>, AddTokenFuture<Inner>,
    ReauthenticateFuture<Inner>,
}

fn sent_to_tasks<T: Send>(_: impl Future<Output = T> + Send) {}

// The futures that have no name can be spawned.
const _: fn(Session, &'static Adapter, fn() -> RequestBuilder) = |session, adapter, request| {
    sent_to_tasks(session.access());
    sent_to_tasks(session.all_version_data(&[], None, None));
    sent_to_tasks(session.token());
    sent_to_tasks(session.endpoint(catalog::EndpointQuery::new("x")));
    sent_to_tasks(adapter.endpoint());
    sent_to_tasks(adapter.endpoint_data());
    sent_to_tasks(adapter.api_version());
    sent_to_tasks(adapter.explain());
    sent_to_tasks(request().send());
    sent_to_tasks(request().bytes());
    sent_to_tasks(request().fetch::<serde_json::Value>());
    sent_to_tasks(request().finish());
    sent_to_tasks(template::Packer::new().pack());
    sent_to_tasks(template::Packer::new().lint());
    sent_to_tasks(template::Source::path("a").read(&template::Policy::default()));
    sent_to_tasks(sandbox::Sandbox::start());
};
const _: fn(&Client) = |heat| {
    let poll = service::Poll::new(|| heat.stacks().get("a"));
    sent_to_tasks(poll.until(|stack| Ok(stack.status.is_complete())));
};
const _: fn(Login<'_>, &AuthContext, http::Request<Body>) = |login, cx, request| {
    sent_to_tasks::<Result<http::Response<Bytes>>>(cx.send(request));
    sent_to_tasks(login.send(cx));
    sent_to_tasks(auth::NoAuth::new().authenticate(cx));
};
