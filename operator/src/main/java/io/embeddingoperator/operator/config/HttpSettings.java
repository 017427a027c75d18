package io.embeddingoperator.operator.config;

/**
 * Where the operator answers for its health and its metrics.
 *
 * @param address to listen on, a name or an IP address; empty means every address of the host
 * @param port 0 takes a free one
 */
public record HttpSettings(String address, int port) {
    public HttpSettings {
        Setting.between(port, 0, 65_535, OperatorVariable.HTTP_PORT);
    }
}
