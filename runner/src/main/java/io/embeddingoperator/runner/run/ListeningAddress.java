package io.embeddingoperator.runner.run;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.InetAddress;
import java.util.function.Function;

/** Where on this machine a process answers, as a person or a pod's variable names it. */
public final class ListeningAddress {
    public static final int MAX_PORT = 65_535;

    private ListeningAddress() {}

    /**
     * @param refusal makes the exception, of what to do
     * @throws SpecificationException when it is no IP address
     */
    public static InetAddress parse(String value, Function<String, SpecificationException> refusal) {
        try {
            return InetAddress.ofLiteral(value.strip());
        } catch (IllegalArgumentException e) {
            throw refusal.apply("use an IP address of this machine, for example 127.0.0.1");
        }
    }
}
