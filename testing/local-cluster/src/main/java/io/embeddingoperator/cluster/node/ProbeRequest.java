package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Asks a container once, over HTTP or by opening its TCP port. */
record ProbeRequest(HttpClient http, Container container, String address) {

    /** Why the answer is no, in the kubelet's words; empty when it is yes. */
    Optional<String> complaint(Probe probe) throws InterruptedException {
        Duration timeout = Duration.ofSeconds(
                Optional.ofNullable(probe.getTimeoutSeconds()).orElse(1));
        try {
            if (probe.getHttpGet() != null) {
                return get(probe.getHttpGet(), timeout);
            }
            if (probe.getTcpSocket() != null) {
                connect(port(probe.getTcpSocket().getPort()), timeout);
                return Optional.empty();
            }
            return Optional.of("this node probes with httpGet and tcpSocket alone");
        } catch (IOException | IllegalArgumentException failure) {
            return Optional.of(String.valueOf(failure.getMessage()));
        }
    }

    private Optional<String> get(HTTPGetAction action, Duration timeout) throws IOException, InterruptedException {
        String scheme = Optional.ofNullable(action.getScheme()).orElse("HTTP").toLowerCase(Locale.ROOT);
        String host = Optional.ofNullable(action.getHost()).orElse(address);
        String path = Optional.ofNullable(action.getPath()).orElse("/");
        URI uri = URI.create(scheme + "://" + host + ":" + port(action.getPort()) + path);
        var request = HttpRequest.newBuilder(uri).timeout(timeout);
        if (action.getHttpHeaders() != null) {
            action.getHttpHeaders().forEach(header -> request.header(header.getName(), header.getValue()));
        }
        int status = http.send(request.build(), BodyHandlers.discarding()).statusCode();
        return status >= 200 && status < 400
                ? Optional.empty()
                : Optional.of("HTTP probe failed with statuscode: " + status);
    }

    private void connect(int port, Duration timeout) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), (int) timeout.toMillis());
        }
    }

    private int port(IntOrString port) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        return container.getPorts().stream()
                .filter(declared -> port.getStrVal().equals(declared.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("couldn't find port: " + port.getStrVal()));
    }
}
