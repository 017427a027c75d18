package io.embeddingoperator.runner.source.s3;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** How often a request was sent so far, and what came of it: the library repeats it without a word. */
final class Attempts {
    private static final ExecutionAttribute<Attempts> OF_REQUEST = new ExecutionAttribute<>("Attempts");

    private final AtomicInteger sent = new AtomicInteger();
    private volatile int status;

    /** Notes in the request's own what happens to it. */
    static ExecutionInterceptor recorder() {
        return new ExecutionInterceptor() {
            @Override
            public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                attributes.getOptionalAttribute(OF_REQUEST).ifPresent(attempts -> attempts.sent.incrementAndGet());
            }

            @Override
            public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
                attributes
                        .getOptionalAttribute(OF_REQUEST)
                        .ifPresent(attempts ->
                                attempts.status = context.httpResponse().statusCode());
            }
        };
    }

    ExecutionAttributes asAttributes() {
        return ExecutionAttributes.builder().put(OF_REQUEST, this).build();
    }

    /** Why it takes so long; empty while the first request is under way. */
    Optional<String> sentence() {
        if (sent.get() < 2) {
            return Optional.empty();
        }
        String answer = status == 0 ? "was not answered" : "was answered %d the last time".formatted(status);
        return Optional.of("it was asked for %d times and %s".formatted(sent.get(), answer));
    }
}
