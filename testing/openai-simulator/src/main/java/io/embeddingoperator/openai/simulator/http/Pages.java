package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lists in pages, with after and limit. */
final class Pages {
    private Pages() {}

    static ObjectNode page(Exchange exchange, List<ObjectNode> all, Set<String> others, int usual, int most) {
        Set<String> known = new HashSet<>(others);
        known.addAll(Set.of("after", "limit"));
        if (exchange.request().path().startsWith(AzureForm.RESOURCE)) {
            known.add(AzureForm.VERSION);
        }
        exchange.request().params().names().stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    exchange.violations().accept("the list is asked for with the unknown parameter " + name);
                    throw new ApiException(
                            ApiError.invalid("Unknown parameter: '" + name + "'.", name, "unknown_parameter"));
                });
        int limit = limit(exchange, usual, most);
        int from = from(exchange, all);
        List<ObjectNode> page = all.subList(from, Math.min(all.size(), from + limit));
        ObjectNode json = Reply.JSON.createObjectNode().put("object", "list");
        ArrayNode data = json.putArray("data");
        page.forEach(data::add);
        json.put("first_id", page.isEmpty() ? null : page.getFirst().path("id").asText());
        json.put("last_id", page.isEmpty() ? null : page.getLast().path("id").asText());
        json.put("has_more", from + page.size() < all.size());
        return json;
    }

    private static int limit(Exchange exchange, int usual, int most) {
        String limit = exchange.request().getParam("limit");
        if (limit == null) {
            return usual;
        }
        if (!limit.matches("\\d{1,6}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > most) {
            exchange.violations()
                    .accept("the list is asked for with the limit " + limit + ", which is not from 1 to " + most);
            throw new ApiException(ApiError.invalid(
                    "Invalid 'limit': must be between 1 and " + most + ", but got " + limit + " instead.",
                    "limit",
                    "invalid_value"));
        }
        return Integer.parseInt(limit);
    }

    private static int from(Exchange exchange, List<ObjectNode> all) {
        String after = exchange.request().getParam("after");
        if (after == null) {
            return 0;
        }
        for (int place = 0; place < all.size(); place++) {
            if (all.get(place).path("id").asText().equals(after)) {
                return place + 1;
            }
        }
        throw new ApiException(ApiError.notFound("No such object: " + after, "after", null));
    }
}
