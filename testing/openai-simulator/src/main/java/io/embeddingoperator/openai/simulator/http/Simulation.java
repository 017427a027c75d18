package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Faults;
import io.embeddingoperator.openai.simulator.file.FileStore;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import io.embeddingoperator.openai.simulator.ledger.Ledger;
import io.embeddingoperator.openai.simulator.ledger.Statuses;
import io.embeddingoperator.openai.simulator.ledger.Violations;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all endpoints share. */
public final class Simulation {
    private static final String BEARER = "Bearer ";

    private final SimulatorSettings settings;
    private final Faults faults = new Faults();
    private final Ledger ledger = new Ledger();
    private final Violations violations = new Violations();
    private final Statuses statuses = new Statuses();
    private final Map<String, RateLimiter> limiters = new ConcurrentHashMap<>();
    private final FileStore files = new FileStore();
    private final Path folder;
    private final Batches batches;
    private volatile ModelLimits limits;
    private volatile List<Account> accounts;

    /** @param folder that exists, for this simulation alone */
    public Simulation(SimulatorSettings settings, Path folder) {
        this.settings = settings;
        this.limits = settings.limits();
        this.accounts = settings.accounts();
        this.folder = folder;
        this.batches = new Batches(settings, files, ledger, violations, folder, Ids::file);
    }

    public FileStore files() {
        return files;
    }

    public Batches batches() {
        return batches;
    }

    /** Whether no batch can be made of a file yet. */
    boolean isPending(StoredFile file) {
        return settings.profile() == Profile.AZURE
                && AzureForm.isPending(file, settings.timing().validating(), now());
    }

    /** A page of a list, as the provider that is simulated divides it. */
    ObjectNode page(Exchange exchange, List<ObjectNode> all, Set<String> others, int usual, int most) {
        return switch (settings.profile()) {
            case MISTRAL -> MistralForm.page(exchange, all);
            case GEMINI -> GeminiForm.page(exchange, all);
            case OPENAI, AZURE, TEXT_EMBEDDINGS_INFERENCE, VLLM, VLLM_WITHOUT_BASE64, INFINITY, OLLAMA, LITELLM ->
                Pages.page(exchange, all, others, usual, most);
        };
    }

    Path folder() {
        return folder;
    }

    public SimulatorSettings settings() {
        return settings;
    }

    public Faults faults() {
        return faults;
    }

    public Ledger ledger() {
        return ledger;
    }

    public Violations violations() {
        return violations;
    }

    public Statuses statuses() {
        return statuses;
    }

    public Instant now() {
        return settings.clock().instant();
    }

    public RateLimiter limiter(String organization, String model) {
        return limiters.computeIfAbsent(
                organization + " " + model, _ -> new RateLimiter(organization, model, limits, now()));
    }

    /** From now on other limits, for every organisation and model. */
    public void limit(ModelLimits changed) {
        limits = changed;
        limiters.values().forEach(limiter -> limiter.change(now(), changed));
    }

    public ModelLimits limits() {
        return limits;
    }

    /** From now on another key opens what this one did, which opens nothing any more. */
    public synchronized void rotate(String key, String other) {
        accounts = accounts.stream()
                .map(account -> account.key().equals(key) ? account.withKey(other) : account)
                .toList();
    }

    /** Whose key this is. */
    Account account(HttpServerRequest request) {
        Optional<String> key = key(request);
        if (!settings.profile().needsKey()) {
            return accounts.getFirst();
        }
        if (key.isEmpty()) {
            throw new ApiException(ApiError.unauthorized(
                    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer"
                            + " auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from"
                            + " https://platform.openai.com/account/api-keys.",
                    null));
        }
        return accounts.stream()
                .filter(account -> account.key().equals(key.get()))
                .findFirst()
                .orElseThrow(() -> new ApiException(ApiError.unauthorized(
                        "Incorrect API key provided: " + hidden(key.get())
                                + ". You can find your API key at https://platform.openai.com/account/api-keys.",
                        "invalid_api_key")));
    }

    private Optional<String> key(HttpServerRequest request) {
        if (settings.profile() == Profile.GEMINI && GeminiForm.isOwn(request.path())) {
            return Optional.ofNullable(request.getHeader(GeminiForm.KEY));
        }
        return Optional.ofNullable(request.getHeader("api-key"))
                .filter(_ -> settings.profile() == Profile.AZURE)
                .or(() -> Optional.ofNullable(request.getHeader("authorization"))
                        .filter(header -> header.startsWith(BEARER))
                        .map(header -> header.substring(BEARER.length())));
    }

    private static String hidden(String key) {
        int shown = Math.min(4, key.length() / 4);
        return key.substring(0, shown) + "*".repeat(8) + key.substring(key.length() - shown);
    }
}
