package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a download may be led. A manifest names one server; a server that another one leads could make the runner, which
 * stands inside the network, ask for what its owner cannot reach.
 *
 * @param allowed hosts that the person who runs the runner trusts, in lower case: {@code cdn.example.com}, or with everything
 *     below {@code *.example.com}
 */
record Redirects(List<String> allowed) {
    /** The hub keeps large files elsewhere. */
    private static final List<String> HUB = List.of("huggingface.co", "*.huggingface.co", "*.hf.co");

    Redirects {
        allowed = List.copyOf(allowed);
    }

    static Redirects of(Map<String, String> environment) {
        String hosts = environment.getOrDefault(EnvironmentVariable.MODEL_REDIRECT_HOSTS, "");
        return new Redirects(Arrays.stream(hosts.split(","))
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .toList());
    }

    /**
     * The address that a redirect leads to.
     *
     * @param file that is being downloaded
     * @param from the address that answered
     * @param location what it answered
     * @throws SpecificationException when the runner does not go there
     */
    URI follow(RemoteFile file, URI from, Optional<String> location) {
        URI to = location.flatMap(text -> resolved(from, text))
                .orElseThrow(() -> refused(file, "to no valid http or https address"));
        String host = to.getHost().toLowerCase(Locale.ROOT);
        boolean encrypted = to.getScheme().equalsIgnoreCase("https");
        if (from.getScheme().equalsIgnoreCase("https") && !encrypted) {
            throw refused(file, "from https to http, to the host %s".formatted(host));
        }
        if (isAmong(allowed, host) || isSameServer(from, to)) {
            return to;
        }
        if (!isAmong(HUB, host) || !encrypted) {
            throw refused(file, elsewhere(from, to));
        }
        if (addresses(host).stream().anyMatch(InternalAddress::isInternal)) {
            throw refused(file, "to the host %s, which has an address inside the network".formatted(host));
        }
        return to;
    }

    private static String elsewhere(URI from, URI to) {
        String host = to.getHost().toLowerCase(Locale.ROOT);
        return host.equalsIgnoreCase(from.getHost())
                ? "to another port of the server, %s:%d".formatted(host, port(to))
                : "to another server, %s".formatted(host);
    }

    /** Refuses what no manifest may name either: the servers that tell a machine's credentials to all that runs on it. */
    static void check(RemoteFile file) {
        if (addresses(file.url().getHost()).stream().anyMatch(InternalAddress::isMetadata)) {
            throw new SpecificationException(
                    "the model's URL %s, beside %s, leads to a link-local address or a metadata server: name a server for files"
                            .formatted(file, file.field()));
        }
    }

    private static Optional<URI> resolved(URI from, String location) {
        try {
            return Optional.of(from.resolve(location))
                    .filter(to -> to.getHost() != null && to.getScheme() != null)
                    .filter(to -> to.getScheme().equalsIgnoreCase("http")
                            || to.getScheme().equalsIgnoreCase("https"));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The same port too: another one is another service. An upgrade to https comes with a port of its own. */
    private static boolean isSameServer(URI from, URI to) {
        boolean upgraded = port(from) == 80 && port(to) == 443;
        return from.getHost().equalsIgnoreCase(to.getHost()) && (port(from) == port(to) || upgraded);
    }

    /** Whether two addresses are of one server, asked in one way: what is secret goes nowhere else. */
    static boolean isSameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static boolean isAmong(List<String> hosts, String host) {
        return hosts.stream()
                .anyMatch(each -> each.startsWith("*.") ? host.endsWith(each.substring(1)) : host.equals(each));
    }

    private static List<InetAddress> addresses(String host) {
        try {
            return List.of(InetAddress.getAllByName(Objects.requireNonNull(host, "host")));
        } catch (UnknownHostException e) {
            // A proxy may know it. Where none does, connecting says so.
            return List.of();
        }
    }

    private static SpecificationException refused(RemoteFile file, String fault) {
        return new SpecificationException(
                ("%s cannot be downloaded: the server redirects %s, and the runner does not follow; give the address"
                                + " of the file itself, put the files into a volume, or have the host named in %s")
                        .formatted(file, fault, EnvironmentVariable.MODEL_REDIRECT_HOSTS));
    }
}
