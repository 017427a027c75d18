package io.embeddingoperator.runner.http;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Optional;

/** The proxy that the JVM was told to use ({@code https.proxyHost}, {@code http.nonProxyHosts} and their like). */
public final class SystemProxy {
    private SystemProxy() {}

    /** Empty where the server is reached directly. */
    public static Optional<ProxyOptions> of(URI server, ProxySelector selector) {
        return selector.select(server).stream().findFirst().flatMap(SystemProxy::options);
    }

    private static Optional<ProxyOptions> options(Proxy proxy) {
        return switch (proxy.type()) {
            case DIRECT -> Optional.empty();
            case HTTP -> Optional.of(options(ProxyType.HTTP, proxy));
            case SOCKS -> Optional.of(options(ProxyType.SOCKS5, proxy));
        };
    }

    private static ProxyOptions options(ProxyType type, Proxy proxy) {
        InetSocketAddress address = (InetSocketAddress) proxy.address();
        return new ProxyOptions().setType(type).setHost(address.getHostString()).setPort(address.getPort());
    }
}
