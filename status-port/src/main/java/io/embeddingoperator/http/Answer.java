package io.embeddingoperator.http;

import java.util.Objects;

/**
 * What a path of the port answers.
 *
 * @param status the status of HTTP
 * @param type the content type
 * @param body in full
 */
public record Answer(int status, String type, String body) {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    public Answer {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(body, "body");
    }

    public static Answer text(int status, String body) {
        return new Answer(status, TEXT, body);
    }

    public static Answer json(String body) {
        return new Answer(200, "application/json", body);
    }

    /** Metrics in Prometheus' text format. */
    public static Answer metrics(String body) {
        return new Answer(200, PROMETHEUS, body);
    }
}
