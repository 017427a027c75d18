package io.embeddingoperator.openai.simulator.http;

import io.embeddingoperator.openai.simulator.fault.Planned;
import io.embeddingoperator.openai.simulator.ledger.Violation;
import io.embeddingoperator.openai.simulator.ledger.Violations;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One request while it is handled.
 *
 * @param id its x-request-id
 * @param body all of it, except of an upload
 */
record Exchange(
        HttpServerRequest request,
        String id,
        Route route,
        byte[] body,
        Optional<Upload> upload,
        Planned planned,
        Violations all) {
    Consumer<String> violations() {
        return rule -> all.add(new Violation(id, route.endpoint().name(), rule));
    }
}
