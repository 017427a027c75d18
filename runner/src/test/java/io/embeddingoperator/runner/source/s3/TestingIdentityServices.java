package io.embeddingoperator.runner.source.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What gives a pod or a machine its credentials, under one address: STS for web identity, the agent of EKS Pod Identity, and the
 * second version of a machine's metadata. Each asks for the proof that the real one asks for, and gives other keys each time.
 */
final class TestingIdentityServices implements AutoCloseable {
    static final String TOKEN = "token-of-the-pod";
    static final String ROLE = "arn:aws:iam::111122223333:role/reader";
    private static final String SESSION = "session-of-metadata";
    private static final String METADATA = "/latest/meta-data/iam/security-credentials";

    private final HttpServer server;
    private final AtomicInteger given = new AtomicInteger();
    private final List<String> proofs = Collections.synchronizedList(new ArrayList<>());
    private volatile Duration lifetime = Duration.ofHours(1);
    private volatile int refusal;

    TestingIdentityServices() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Credentials that are given from now on expire after so long. */
    void giveFor(Duration time) {
        lifetime = time;
    }

    /** Every request from now on is answered with this status. */
    void refuse(int status) {
        refusal = status;
    }

    /** What was proved for credentials, one after the other. */
    List<String> proofs() {
        return List.copyOf(proofs);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            String request = exchange.getRequestMethod() + " " + path;
            if (refusal > 0) {
                send(
                        exchange,
                        refusal,
                        sts("Error", "<Code>AccessDenied</Code><Message>%s</Message>".formatted(TOKEN)));
            } else if (request.equals("POST /")) {
                proofs.add(body.contains("WebIdentityToken=" + TOKEN) ? "web identity" : body);
                send(exchange, 200, webIdentity());
            } else if (request.equals("GET /v1/credentials")) {
                proofs.add("pod " + exchange.getRequestHeaders().getFirst("Authorization"));
                send(exchange, 200, json());
            } else if (request.equals("PUT /latest/api/token")) {
                send(exchange, 200, SESSION);
            } else if (!SESSION.equals(exchange.getRequestHeaders().getFirst("x-aws-ec2-metadata-token"))) {
                send(exchange, 401, "");
            } else if (request.equals("GET " + METADATA + "/")) {
                send(exchange, 200, "role-of-the-node");
            } else if (request.equals("GET " + METADATA + "/role-of-the-node")) {
                proofs.add("machine");
                send(exchange, 200, json());
            } else {
                send(exchange, 404, "");
            }
        }
    }

    private String webIdentity() {
        return sts(
                "AssumeRoleWithWebIdentityResult",
                ("<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>also secret</SecretAccessKey>"
                                + "<SessionToken>s</SessionToken><Expiration>%s</Expiration></Credentials>")
                        .formatted(keyId(), expiration()));
    }

    private static String sts(String element, String content) {
        return "<AssumeRoleWithWebIdentityResponse><%1$s>%2$s</%1$s></AssumeRoleWithWebIdentityResponse>"
                .formatted(element, content);
    }

    private String json() {
        return """
                {"Code": "Success", "AccessKeyId": "%s", "SecretAccessKey": "also secret", "Token": "s", "Expiration": "%s"}
                """.formatted(keyId(), expiration());
    }

    private String keyId() {
        return "ASIA" + given.incrementAndGet();
    }

    private Instant expiration() {
        return Instant.now().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
