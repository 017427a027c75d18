package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;
import io.embeddingoperator.openai.simulator.batch.LineIndex.Lines;
import io.embeddingoperator.openai.simulator.batch.OutputEntry.Kind;
import io.embeddingoperator.openai.simulator.embedding.RequestParser;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput.How;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.file.ContentOnDisk;
import io.embeddingoperator.openai.simulator.file.FileStore;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import io.embeddingoperator.openai.simulator.ledger.Ledger;
import io.embeddingoperator.openai.simulator.ledger.Violation;
import io.embeddingoperator.openai.simulator.ledger.Violations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * All batches. Their time passes when a client looks: every step that has become due meanwhile is made at its own moment and in
 * order, so that what a test sees depends on the clock alone.
 */
public final class Batches implements AutoCloseable {
    public static final String ENDPOINT = "/v1/embeddings";

    /** In place of an endpoint: lines name none. */
    public static final String BARE_LINES = "";

    /** In place of an endpoint, with a model behind it: lines are Gemini's, and the batch names their model. */
    public static final String LINES_FOR = "models/";

    private static final Duration KEPT = Duration.ofDays(30);

    private final SimulatorSettings settings;
    private final FileStore files;
    private final Ledger ledger;
    private final Violations violations;
    private final Path folder;
    private final Supplier<String> fileIds;
    private final RequestParser parser;
    private volatile QueueLimits queue;
    private final Map<String, Batch> batches = new LinkedHashMap<>();
    private final ExecutorService readers =
            Executors.newFixedThreadPool(2, Thread.ofPlatform().daemon().factory());

    public Batches(
            SimulatorSettings settings,
            FileStore files,
            Ledger ledger,
            Violations violations,
            Path folder,
            Supplier<String> fileIds) {
        this.settings = settings;
        this.files = files;
        this.ledger = ledger;
        this.violations = violations;
        this.folder = folder;
        this.fileIds = fileIds;
        this.parser = new RequestParser(settings.profile(), settings.models());
        this.queue = settings.queue();
    }

    /** From now on so much may wait. */
    public void limit(QueueLimits changed) {
        queue = changed;
    }

    public QueueLimits queue() {
        return queue;
    }

    /** What a client asks for. */
    public record Order(
            String inputFileId, String endpoint, Optional<JsonNode> metadata, Optional<Duration> outputExpiresAfter) {}

    /** A batch for who tests: its state without its faults' disguise. */
    public record Standing(String id, BatchState state, Optional<JsonNode> metadata, String inputFileId) {}

    public ObjectNode create(
            String id,
            Account account,
            Order order,
            List<BatchFault> faults,
            List<Fault.OfTexts> refused,
            Instant now) {
        Optional<CompletableFuture<CheckedInput>> input = files.find(account.organization(), order.inputFileId(), now)
                .filter(file -> file.content() instanceof ContentOnDisk)
                .map(file -> check(id, account, order.endpoint(), ((ContentOnDisk) file.content()).path(), refused));
        synchronized (this) {
            pass(now);
            Batch batch = new Batch(
                    id, account, order.inputFileId(), order.metadata(), order.outputExpiresAfter(), faults, now, input);
            batches.put(id, batch);
            return batch.json(0);
        }
    }

    private CompletableFuture<CheckedInput> check(
            String id, Account account, String endpoint, Path file, List<Fault.OfTexts> refused) {
        InputCheck check = new InputCheck(
                parser, endpoint, account, refused, rule -> violations.add(new Violation(id, "CREATE_BATCH", rule)));
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return check.check(file, folder.resolve(id + ".lines"));
                    } catch (IOException e) {
                        throw new UncheckedIOException("the file of " + id + " cannot be read", e);
                    }
                },
                readers);
    }

    public synchronized Optional<ObjectNode> find(String organization, String id, Instant now) {
        pass(now);
        return Optional.ofNullable(batches.get(id))
                .filter(batch -> batch.account.organization().equals(organization))
                .map(batch -> batch.json(done(batch, now)));
    }

    /** Newest first. */
    public synchronized List<ObjectNode> list(String organization, Instant now) {
        pass(now);
        List<ObjectNode> list = new ArrayList<>();
        for (Batch batch : batches.values()) {
            if (batch.account.organization().equals(organization)) {
                list.add(batch.json(done(batch, now)));
            }
        }
        return list.reversed();
    }

    /** @return the batch that is being cancelled, or nothing where its state does not allow it any more */
    public synchronized Optional<ObjectNode> cancel(String organization, String id, Instant now) {
        pass(now);
        Batch batch = batches.get(id);
        if (batch == null || !batch.account.organization().equals(organization) || batch.state.ended()) {
            return Optional.empty();
        }
        if (batch.state != BatchState.CANCELLING) {
            beginToCancel(batch, done(batch, now), now);
        }
        return Optional.of(batch.json(done(batch, now)));
    }

    public synchronized List<Standing> all(Instant now) {
        pass(now);
        return batches.values().stream()
                .map(batch -> new Standing(batch.id, batch.state, batch.metadata, batch.inputFileId))
                .toList();
    }

    /** Makes every step that has become due. */
    public synchronized void pass(Instant now) {
        while (true) {
            Optional<Step> next = batches.values().stream()
                    .flatMap(batch -> next(batch).stream())
                    .min(Comparator.comparing(Step::at))
                    .filter(step -> !step.at().isAfter(now));
            if (next.isEmpty()) {
                return;
            }
            next.get().make().run();
        }
    }

    @Override
    public void close() {
        readers.close();
    }

    private record Step(Instant at, Runnable make) {}

    private Optional<Step> next(Batch batch) {
        BatchTiming timing = settings.timing();
        Instant since = batch.entered();
        return switch (batch.state) {
            case VALIDATING -> {
                if (isBeingRead(batch)) {
                    yield Optional.empty();
                }
                Instant at = since.plus(timing.validating()).plus(stuck(batch));
                yield Optional.of(
                        at.isBefore(batch.expiresAt())
                                ? cancelled(batch).orElseGet(() -> new Step(at, () -> endValidation(batch, at)))
                                : new Step(batch.expiresAt(), () -> end(batch, BatchState.EXPIRED, batch.expiresAt())));
            }
            case IN_PROGRESS -> {
                Instant worked = since.plus(timing.working()).plus(stuck(batch));
                Instant expiry = batch.fault(BatchFault.Expires.class)
                        .map(expires -> batch.createdAt.plusSeconds(expires.afterSeconds()))
                        .orElse(batch.expiresAt());
                boolean expires = batch.fault(BatchFault.Expires.class).isPresent() || !worked.isBefore(expiry);
                Instant at = expires ? expiry : worked;
                yield Optional.of(cancelled(batch).orElseGet(() -> new Step(at, () -> finish(batch, expires, at))));
            }
            case FINALIZING -> {
                Instant at = since.plus(timing.finalizing()).plus(stuck(batch));
                yield Optional.of(cancelled(batch).orElseGet(() -> new Step(at, () -> end(batch, batch.ending, at))));
            }
            case CANCELLING -> {
                Instant at = since.plus(timing.cancelling()).plus(stuck(batch));
                yield Optional.of(new Step(at, () -> end(batch, BatchState.CANCELLED, at)));
            }
            case FAILED, COMPLETED, EXPIRED, CANCELLED -> Optional.empty();
        };
    }

    /** While a clock runs no client waits for a large file to be read: the batch is validated a little longer. */
    private boolean isBeingRead(Batch batch) {
        return settings.clock().speed() > 0
                && batch.input.filter(input -> !input.isDone()).isPresent();
    }

    private static Duration stuck(Batch batch) {
        return batch.faults.stream()
                .filter(BatchFault.Stuck.class::isInstance)
                .map(BatchFault.Stuck.class::cast)
                .filter(stuck -> stuck.in() == batch.state)
                .map(stuck -> Duration.ofSeconds(stuck.seconds()))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Another client cancels the batch in the state that it is in. */
    private Optional<Step> cancelled(Batch batch) {
        return batch.fault(BatchFault.CancelledByOthers.class)
                .filter(fault -> fault.in() == batch.state)
                .map(fault -> {
                    Instant since = batch.entered();
                    Instant at = batch.state == BatchState.IN_PROGRESS
                            ? since.plus(part(settings.timing().working(), fault.fraction()))
                            : since;
                    return new Step(at, () -> beginToCancel(batch, done(batch, at), at));
                });
    }

    private static Duration part(Duration whole, double fraction) {
        return Duration.ofNanos((long) (whole.toNanos() * fraction));
    }

    /** Lines that have been reached at a moment. */
    private int done(Batch batch, Instant now) {
        return switch (batch.state) {
            case VALIDATING, FAILED -> 0;
            case IN_PROGRESS -> {
                double most = batch.fault(BatchFault.Expires.class)
                        .map(BatchFault.Expires::fraction)
                        .orElse(1.0);
                long working = Math.max(
                        1, settings.timing().working().plus(stuck(batch)).toNanos());
                double part = (double) Duration.between(batch.entered(), now).toNanos() / working;
                yield (int) Math.round(batch.lines() * Math.clamp(part, 0, most));
            }
            case FINALIZING, COMPLETED, EXPIRED, CANCELLING, CANCELLED -> batch.reached;
        };
    }

    private void endValidation(Batch batch, Instant at) {
        Optional<BatchError> error = batch.fault(BatchFault.FailsValidation.class)
                .map(fault -> new BatchError(fault.code(), fault.message(), null, null));
        if (files.find(batch.account.organization(), batch.inputFileId, at).isEmpty() || batch.input.isEmpty()) {
            fail(
                    batch,
                    List.of(new BatchError(
                            "invalid_request",
                            "Cannot find the input file '" + batch.inputFileId + "'.",
                            "input_file_id",
                            null)),
                    at);
            return;
        }
        CheckedInput input = batch.input.get().join();
        batch.checked = Optional.of(input);
        if (error.isEmpty() && !input.errors().isEmpty()) {
            fail(batch, input.errors(), at);
            return;
        }
        error = error.or(() -> overQueue(batch, input, at));
        if (error.isPresent()) {
            fail(batch, List.of(error.get()), at);
        } else {
            batch.enter(BatchState.IN_PROGRESS, at);
        }
    }

    private Optional<BatchError> overQueue(Batch batch, CheckedInput input, Instant at) {
        long tokens = input.tokens();
        long requests = input.inputs();
        for (Batch other : batches.values()) {
            if (other != batch && queued(other, at) && sameQueue(batch, input, other)) {
                tokens += other.checked.orElseThrow().tokens();
                requests += other.checked.orElseThrow().inputs();
            }
        }
        String where = " for " + input.modelName() + " in organization " + batch.account.organization() + ". Limit: ";
        String again = ". Please try again once some in_progress batches have been completed.";
        if (tokens > queue.tokens()
                || batch.fault(BatchFault.EnqueuedTokenLimit.class).isPresent()) {
            return Optional.of(new BatchError(
                    "token_limit_exceeded",
                    "Enqueued token limit reached" + where + queue.tokens() + " enqueued tokens" + again,
                    null,
                    null));
        }
        if (requests > queue.requests()
                || batch.fault(BatchFault.EnqueuedRequestLimit.class).isPresent()) {
            return Optional.of(new BatchError(
                    "request_limit_exceeded",
                    "Enqueued request limit reached" + where + queue.requests() + " enqueued requests" + again,
                    null,
                    null));
        }
        return Optional.empty();
    }

    private static boolean sameQueue(Batch batch, CheckedInput input, Batch other) {
        return other.account.organization().equals(batch.account.organization())
                && other.checked
                        .filter(one -> one.modelName().equals(input.modelName()))
                        .isPresent();
    }

    /** Whether its tokens count as enqueued. */
    private static boolean queued(Batch batch, Instant at) {
        return switch (batch.state) {
            case VALIDATING, FAILED -> false;
            case IN_PROGRESS, FINALIZING, CANCELLING -> true;
            case COMPLETED, EXPIRED, CANCELLED ->
                batch.fault(BatchFault.QueueNotReleased.class)
                        .filter(kept ->
                                batch.entered().plusSeconds(kept.seconds()).isAfter(at))
                        .isPresent();
        };
    }

    private void fail(Batch batch, List<BatchError> errors, Instant at) {
        batch.errors = errors;
        batch.enter(BatchState.FAILED, at);
    }

    private void finish(Batch batch, boolean expires, Instant at) {
        batch.reached = expires ? done(batch, at) : hasNeverWorked(batch) ? 0 : batch.lines();
        batch.ending = expires ? BatchState.EXPIRED : BatchState.COMPLETED;
        batch.enter(BatchState.FINALIZING, at);
    }

    private static boolean hasNeverWorked(Batch batch) {
        return batch.fault(BatchFault.NeverWorked.class).isPresent();
    }

    private static void beginToCancel(Batch batch, int done, Instant at) {
        batch.reached = done;
        batch.enter(BatchState.CANCELLING, at);
    }

    private void end(Batch batch, BatchState how, Instant at) {
        batch.enter(how, at);
        if (batch.checked.isEmpty() || hasNeverWorked(batch)) {
            return;
        }
        CheckedInput input = batch.checked.get();
        try {
            Lines lines = input.index().load();
            Kind rest = how == BatchState.CANCELLED ? Kind.CANCELLED : Kind.EXPIRED;
            Outcome outcome = Outcome.of(lines, batch.lines(), batch.reached, rest, batch.faults, batch.id.hashCode());
            batch.outcome = Optional.of(outcome);
            bill(batch, input.model().orElseThrow(), lines, outcome, at);
            keepFiles(batch, input, outcome, at);
        } catch (IOException e) {
            throw new UncheckedIOException("the results of " + batch.id + " cannot be written", e);
        }
    }

    private void bill(Batch batch, Model model, Lines lines, Outcome outcome, Instant at) {
        int inputs = 0;
        for (int number = outcome.executed().nextSetBit(0);
                number >= 0;
                number = outcome.executed().nextSetBit(number + 1)) {
            BatchLine line = lines.line(number);
            inputs += line.hashes().length;
            batch.billedTokens += line.tokens();
            ledger.countLine(
                    line.customId(),
                    line.hashes(),
                    line.tokens(),
                    outcome.delivered().get(number));
        }
        if (inputs > 0) {
            ledger.billBatch(batch.id, batch.account, model, inputs, batch.billedTokens, at);
        }
    }

    private void keepFiles(Batch batch, CheckedInput input, Outcome outcome, Instant at) throws IOException {
        if (settings.profile() == Profile.GEMINI) {
            boolean mixed = batch.faults.contains(new BatchFault.SpoiledOutput(How.MIXED));
            List<OutputEntry> results = mixed ? outcome.output() : outcome.inOrder();
            batch.outputFileId = keep(batch, input, results, false, "output", at);
            return;
        }
        if (!outcome.output().isEmpty()
                && batch.fault(BatchFault.NullOutput.class).isEmpty()) {
            boolean cut = batch.faults.contains(new BatchFault.SpoiledOutput(How.TRUNCATED_IN_LINE));
            batch.outputFileId = keep(batch, input, outcome.output(), cut, "output", at);
        }
        if (!outcome.errors().isEmpty()) {
            batch.errorFileId = keep(batch, input, outcome.errors(), false, "error", at);
        } else if (batch.fault(BatchFault.EmptyErrorFileId.class).isPresent()) {
            batch.errorFileId = "";
        }
    }

    private String keep(
            Batch batch, CheckedInput input, List<OutputEntry> entries, boolean cutLast, String name, Instant at)
            throws IOException {
        String id = fileIds.get();
        boolean gone = name.equals("output") && batch.faults.contains(new BatchFault.SpoiledOutput(How.GONE));
        if (!gone) {
            files.add(new StoredFile(
                    id,
                    batch.account.organization(),
                    batch.id + "_" + name + ".jsonl",
                    StoredFile.BATCH_OUTPUT,
                    at,
                    at.plus(batch.outputExpiresAfter.orElse(KEPT)),
                    settings.profile() == Profile.GEMINI
                            ? new GeminiContent(input.index(), entries)
                            : new OutputContent(
                                    batch.id, input.modelName(), input.index(), entries, batch.faults, cutLast)));
        }
        return id;
    }
}
