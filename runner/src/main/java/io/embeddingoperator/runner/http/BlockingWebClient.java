package io.embeddingoperator.runner.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.ext.web.client.impl.WebClientInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Vert.x' web client for threads that block, which are best virtual ones. It retries nothing and follows no redirect. Safe for
 * concurrent use.
 */
public final class BlockingWebClient implements AutoCloseable {
    private final Vertx vertx;
    private final WebClient client;
    private final ProxySelector proxies;

    /** @param connected is told of each connection that was made */
    public BlockingWebClient(HttpClientOptions options, PoolOptions pool, Handler<HttpConnection> connected) {
        this(options, pool, connected, ProxySelector.getDefault());
    }

    BlockingWebClient(
            HttpClientOptions options, PoolOptions pool, Handler<HttpConnection> connected, ProxySelector proxies) {
        this.proxies = proxies;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                // Nothing is read from the classpath, and a container's file system may be read-only.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.client = WebClient.wrap(
                vertx.httpClientBuilder()
                        .with(options)
                        .with(pool)
                        .withConnectHandler(connection -> {
                            // Each request tells its own failure; without a handler Vert.x would log it as an error
                            // as well.
                            connection.exceptionHandler(_ -> {});
                            connected.handle(connection);
                        })
                        .build(),
                new WebClientOptions(options).setFollowRedirects(false).setUserAgent("embedding-operator"));
        // Only this interface, which is public but no part of the documented ones, lets a request be given up.
        ((WebClientInternal) client).addInterceptor(WebExchange::watch);
    }

    /** For a few requests to any servers. */
    public static BlockingWebClient open(HttpClientOptions options) {
        return new BlockingWebClient(options, new PoolOptions(), _ -> {});
    }

    /**
     * With the server that the options name.
     *
     * @param uri path and query
     */
    public WebExchange exchange(HttpMethod method, String uri) {
        return new WebExchange(client.request(method, uri));
    }

    /**
     * With any server, by the JVM's proxy where it has one for it. Otherwise the JVM, and not Vert.x, looks its name up: a
     * caller that judges a server by its addresses has seen the same ones.
     */
    public WebExchange exchange(HttpMethod method, URI url) throws IOException {
        Optional<ProxyOptions> proxy = SystemProxy.of(url, proxies);
        if (proxy.isPresent()) {
            return new WebExchange(client.requestAbs(method, url.toString()).proxy(proxy.get()));
        }
        int port = url.getPort() < 0 ? url.toURL().getDefaultPort() : url.getPort();
        String address = InetAddress.getByName(url.getHost()).getHostAddress();
        return new WebExchange(
                client.requestAbs(method, SocketAddress.inetSocketAddress(port, address), url.toString()));
    }

    /** With a file as the body, as it is, read from the disk while it is sent. */
    public WebExchange.Sending file(Path file) {
        return request -> vertx.fileSystem()
                .open(file.toString(), new OpenOptions().setWrite(false).setCreate(false))
                .compose(content -> content.size()
                        .compose(bytes -> request.putHeader("content-length", Long.toString(bytes))
                                .sendStream(content))
                        .onComplete(_ -> content.close()));
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
