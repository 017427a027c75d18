package io.embeddingoperator.openai.simulator.http;

import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import java.util.List;
import java.util.Optional;

/**
 * What a method and a path mean.
 *
 * @param name of the file, the batch or the deployment; empty where there is none
 */
record Route(Endpoint endpoint, String name) {
    private static final String DEPLOYMENTS = "/openai/deployments/";

    /** @param query of the request; null where it has none */
    static Optional<Route> of(Profile profile, String method, String asked, String query) {
        if (profile == Profile.GEMINI && !asked.startsWith(profile.prefix() + "/")) {
            return GeminiForm.route(method, asked, query);
        }
        String path = profile == Profile.MISTRAL ? MistralForm.path(asked) : asked;
        if (profile == Profile.AZURE && path.startsWith(DEPLOYMENTS)) {
            List<String> parts = List.of(path.substring(DEPLOYMENTS.length()).split("/", -1));
            return parts.size() == 2 && parts.get(1).equals("embeddings") && method.equals("POST")
                    ? Optional.of(new Route(Endpoint.EMBEDDINGS, parts.getFirst()))
                    : Optional.empty();
        }
        boolean ofResource = profile == Profile.AZURE && !path.startsWith(profile.prefix() + "/");
        String prefix = (ofResource ? AzureForm.RESOURCE : profile.prefix()) + "/";
        if (!path.startsWith(prefix)) {
            return Optional.empty();
        }
        List<String> parts = List.of(path.substring(prefix.length()).split("/", -1));
        String form = method + " " + parts.getFirst() + "/*".repeat(Math.min(1, parts.size() - 1))
                + (parts.size() == 3 ? "/" + parts.get(2) : "");
        if (form.equals("POST embeddings") && !ofResource) {
            return Optional.of(new Route(Endpoint.EMBEDDINGS, ""));
        }
        if (form.equals("GET models")) {
            return Optional.of(new Route(Endpoint.LIST_MODELS, ""));
        }
        if (!profile.hasBatches() || profile == Profile.GEMINI || parts.size() > 3) {
            return Optional.empty();
        }
        return endpoint(form).map(endpoint -> new Route(endpoint, parts.size() > 1 ? parts.get(1) : ""));
    }

    private static Optional<Endpoint> endpoint(String form) {
        return Optional.ofNullable(
                switch (form) {
                    case "POST files" -> Endpoint.UPLOAD_FILE;
                    case "GET files" -> Endpoint.LIST_FILES;
                    case "GET files/*" -> Endpoint.GET_FILE;
                    case "DELETE files/*" -> Endpoint.DELETE_FILE;
                    case "GET files/*/content" -> Endpoint.FILE_CONTENT;
                    case "POST batches" -> Endpoint.CREATE_BATCH;
                    case "GET batches" -> Endpoint.LIST_BATCHES;
                    case "GET batches/*" -> Endpoint.GET_BATCH;
                    case "POST batches/*/cancel" -> Endpoint.CANCEL_BATCH;
                    default -> null;
                });
    }
}
