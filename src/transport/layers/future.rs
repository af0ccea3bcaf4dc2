//! Named futures of layers, whose content may change.

/// Defines the future of a layer: a public name for a future of this crate's making, which may change.
macro_rules! layer_future {
    ($(#[$doc:meta])* pub struct $name:ident<S>($inner:ty);) => {
        pin_project_lite::pin_project! {
            $(#[$doc])*
            pub struct $name<S: $crate::transport::layers::HttpService> {
                #[pin]
                inner: $inner,
            }
        }

        impl<S: $crate::transport::layers::HttpService> $name<S> {
            fn new(inner: $inner) -> Self {
                Self { inner }
            }
        }

        impl<S: $crate::transport::layers::HttpService> Future for $name<S> {
            type Output = $crate::error::Result<http::Response<$crate::transport::Body>>;

            fn poll(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                self.project().inner.poll(cx)
            }
        }

        impl<S: $crate::transport::layers::HttpService> std::fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use layer_future;
