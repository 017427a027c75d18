package io.embeddingoperator.operator.config;

/**
 * Where the operator answers for its health and its metrics.
 *
 * @param port 0 takes a free one
 */
public record HttpSettings(int port) {
    public HttpSettings {
        Setting.between(port, 0, 65_535, OperatorVariable.HTTP_PORT);
    }
}
