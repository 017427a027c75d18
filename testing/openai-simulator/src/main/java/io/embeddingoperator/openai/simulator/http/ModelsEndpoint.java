package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;

/** GET /v1/models: what an account may use. */
final class ModelsEndpoint {
    /** When OpenAI's newest embedding models came out. */
    private static final long CREATED = 1_705_948_997;

    private final Simulation simulation;

    ModelsEndpoint(Simulation simulation) {
        this.simulation = simulation;
    }

    Reply list(Exchange exchange) {
        Account account = simulation.account(exchange.request());
        ObjectNode page = Reply.JSON.createObjectNode().put("object", "list");
        ArrayNode data = page.putArray("data");
        simulation.settings().models().stream()
                .map(Model::name)
                .filter(name -> !account.deniedModels().contains(name))
                .forEach(name -> data.addObject()
                        .put("id", name)
                        .put("object", "model")
                        .put("created", CREATED)
                        .put("owned_by", "system"));
        return Reply.json(200, page);
    }
}
