package io.embeddingoperator.runner.embed.openai;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.openai.http.OpenAiError;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailures;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.http.OpenAiReply;
import io.embeddingoperator.runner.embed.openai.pacing.Governor;
import io.embeddingoperator.runner.embed.openai.pacing.RateLimitHeaders;
import io.embeddingoperator.runner.embed.openai.pacing.Reply;
import io.embeddingoperator.runner.embed.openai.pacing.RequestTooLargeException;
import io.embeddingoperator.runner.embed.openai.reply.EmbeddingReply;
import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import io.embeddingoperator.runner.embed.openai.server.RequestMembers;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.embed.openai.server.VectorForm;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.StoppedException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Price;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends texts and brings their vectors: paced before it is sent, paid for from the budget, checked when it comes back, and sent
 * again while that can help. A reply that is not what was asked for counts as trouble of the server and is never handed on.
 */
final class ProviderRequests {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderRequests.class);

    /** Attempts after which it is asked whether the server fails for this request alone. */
    private static final int SUSPICIOUS_TROUBLE = 6;

    /** The same where the model's server itself says that it failed, as it does where it cannot write a vector. */
    private static final int SUSPICIOUS_FAILURES = 2;

    /** With an error of the API: Text Embeddings Inference answers 424 where its backend failed. */
    private static final Set<Integer> SERVER_FAILED = Set.of(424, 500);

    /** Two of them: a server that takes a list for one text gives one vector, which is right for a single text. */
    private static final List<String> PLAIN_TEXTS =
            List.of("A plain sentence that every model can embed.", "Another one about the weather.");

    /** A limit of fewer tokens can never be met, with any documents. */
    private static final long LEAST_LIMIT = 10;

    /** Replies to the same texts that cannot be used, after which plain text is tried: each may have to be paid for. */
    private static final int USELESS_REPLIES = 2;

    /** The same over all requests, with no good reply between. */
    private static final int USELESS_REPLIES_IN_A_ROW = 3;

    /** A proxy on the way did not wait for the server, which may have done the work. */
    private static final Set<Integer> MAY_BE_BILLED = Set.of(408, 504, 524);

    private static final Duration AT_ONCE = Duration.ZERO;

    /** Leaves the delay to the policy. */
    private static final Duration GROWING = Duration.ofNanos(-1);

    private final OpenAiTokenizer tokenizer;
    private final OpenAiHttp http;
    private final Governor governor;
    private final ServerPreset preset;
    private final int dimensions;
    private final Optional<Price> price;
    private final ProviderOutage outage;
    private final RetryPolicy<float[][]> retries;
    private final RequestSize size;
    private final LongSupplier nanoTime;

    /** What the server said where it failed for some texts and not for plain text, without its numbers. */
    private final Set<String> failuresOfTexts = ConcurrentHashMap.newKeySet();

    private final AtomicInteger uselessReplies = new AtomicInteger();
    private final AtomicBoolean estimating = new AtomicBoolean();
    private final InterruptibleSleeps rests = new InterruptibleSleeps();
    /** Whether the key, the path and the model have proved good. */
    private volatile boolean worked;

    private volatile EmbeddingRequest request;
    private volatile Budget budget = Budget.unlimited();
    private volatile ProviderListener listener = ProviderListener.NONE;

    /** @param tokenizer of the texts, which knows what is sent for each */
    ProviderRequests(
            OpenAiTokenizer tokenizer,
            OpenAiHttp http,
            Governor governor,
            ServerPreset preset,
            EmbeddingRequest request,
            int dimensions,
            Optional<Price> price,
            Patience patience,
            LongSupplier nanoTime) {
        this.tokenizer = tokenizer;
        this.http = http;
        this.governor = governor;
        this.preset = preset;
        this.request = request;
        this.dimensions = dimensions;
        this.price = price;
        this.size = new RequestSize(preset, patience.slow());
        this.nanoTime = nanoTime;
        this.outage = new ProviderOutage(patience.outage(), nanoTime);
        this.retries = RetryPolicy.<float[][]>builder()
                .handle(OpenAiException.class)
                .withBackoff(patience.firstDelay(), patience.longestDelay())
                .withJitter(0.25)
                .withDelayFn(attempt -> isTrouble(attempt.getLastException()) ? GROWING : AT_ONCE)
                .withMaxRetries(-1)
                .onRetry(_ -> listener.triedAgain())
                .build();
    }

    /**
     * How long trouble is put up with.
     *
     * @param outage without one reply that is none
     * @param slow for an answer, before fewer texts are sent in its place
     */
    record Patience(Duration outage, Duration firstDelay, Duration longestDelay, Duration slow) {
        static final Patience USUAL =
                new Patience(Duration.ofMinutes(10), Duration.ofMillis(500), Duration.ofSeconds(30));

        /** Requests that are not answered in time, from as many texts as any server takes to a single one, each of a quarter. */
        private static final int TIME_OUTS = 7;

        static Patience of(OpenAiEmbedder spec) {
            return spec.requestTimeout().map(USUAL::within).orElse(USUAL);
        }

        /** With another limit of a request: fewer texts are sent after it, and it is put up with until a single text is. */
        Patience within(Duration request) {
            Duration timeOuts = request.multipliedBy(TIME_OUTS);
            return new Patience(
                    timeOuts.compareTo(outage) > 0 ? timeOuts : outage,
                    firstDelay,
                    longestDelay,
                    request.compareTo(slow) < 0 ? request : slow);
        }

        Patience(Duration outage, Duration firstDelay, Duration longestDelay) {
            this(outage, firstDelay, longestDelay, Duration.ofSeconds(10));
        }
    }

    /** What the server takes in a request, as far as it is known by now. */
    RequestSize size() {
        return size;
    }

    void begin(Budget runsBudget, ProviderListener runsListener) {
        budget = runsBudget;
        listener = runsListener;
    }

    /** Nothing more is sent. */
    void stop() {
        governor.end(new StoppedException());
        rests.stop();
    }

    Optional<Progress.Waiting> waiting() {
        return governor.waiting()
                .map(wait -> new Progress.Waiting(
                        Progress.Waiting.Reason.RateLimited,
                        wait.sentence(),
                        wait.until().toString()))
                .or(outage::waiting);
    }

    /** Everything else that is sent again waits for the governor alone. */
    private static boolean isTrouble(Throwable thrown) {
        return thrown instanceof OpenAiException failed
                && (failed.failure() instanceof OpenAiFailure.ServerTrouble
                        || failed.failure() instanceof OpenAiFailure.NetworkTrouble);
    }

    float[][] vectors(List<TokenizedText> texts) throws EmbeddingException, InterruptedException {
        Attempts attempts = new Attempts(texts);
        try {
            return Failsafe.with(retries).get(attempts::next);
        } catch (FailsafeException e) {
            switch (e.getCause()) {
                case EmbeddingException refused -> throw attempts.keeping(refused);
                case InterruptedException interrupted -> {
                    // Failsafe has set the thread's flag as well.
                    Thread.interrupted();
                    rests.end();
                    throw interrupted;
                }
                case null, default -> throw e;
            }
        }
    }

    /** The attempts to get the vectors of some texts: what was paid for and is good is kept, and only the rest sent again. */
    private final class Attempts {
        private final List<TokenizedText> all;
        private final float[][] vectors;
        /** The places of the texts that have no vector yet. */
        private List<Integer> missing;

        private Optional<ReplyFlaw> flaw = Optional.empty();
        private int useless;
        private int trouble;

        /** Whether the last attempt was not answered in time, as fewer texts may be. */
        private boolean tooSlow;

        Attempts(List<TokenizedText> texts) {
            this.all = texts;
            this.vectors = new float[texts.size()][];
            this.missing = IntStream.range(0, texts.size()).boxed().toList();
        }

        private List<String> texts() {
            return missing.stream().map(place -> tokenizer.sent(all.get(place))).toList();
        }

        private long tokens() {
            return missing.stream().mapToLong(place -> all.get(place).length()).sum();
        }

        EmbeddingException keeping(EmbeddingException refused) {
            return missing.size() == all.size() ? refused : refused.keeping(vectors);
        }

        /** @throws OpenAiException when another try may succeed */
        float[][] next() throws OpenAiException, EmbeddingException, InterruptedException {
            rests.end();
            flaw = Optional.empty();
            EmbeddingRequest form = request;
            byte[] body = form.body(texts());
            if (size.isTooLarge(load(body))) {
                throw new EmbeddingException("the request holds more than the server takes");
            }
            Bill bill = new Bill(budget.reserve(tokens()));
            OpenAiException failed;
            try {
                return answered(bill, body);
            } catch (OpenAiException e) {
                failed = e;
            } finally {
                // Before it is judged: plain text that is sent meanwhile is paid for as well.
                bill.settle();
            }
            OpenAiException retriable = judged(failed, form);
            rests.begin();
            throw retriable;
        }

        private float[][] answered(Bill bill, byte[] body)
                throws OpenAiException, EmbeddingException, InterruptedException {
            return checked(sent(permit(), bill, body), bill);
        }

        private OpenAiReply sent(Governor.Permit permit, Bill bill, byte[] body)
                throws OpenAiException, InterruptedException {
            listener.sent();
            String status = "none";
            long start = nanoTime.getAsLong();
            // However the wait ends, by an interrupt too: the request is under way, and may be billed.
            bill.mayBe(tokens());
            try {
                OpenAiReply reply = http.post("/embeddings", body);
                status = Integer.toString(reply.status());
                permit.answered(Reply.ok(headers(reply)));
                size.answered(load(body), since(start));
                return reply;
            } catch (OpenAiException e) {
                switch (e.failure()) {
                    case OpenAiFailure.Answered answer -> {
                        status = Integer.toString(answer.reply().status());
                        permit.answered(new Reply(
                                answer.reply().status(),
                                headers(answer.reply()),
                                Optional.of(answer.error().code()).filter(code -> !code.isEmpty())));
                        bill.mayBe(tokensOf(answer));
                        tooSlow = MAY_BE_BILLED.contains(answer.reply().status())
                                && size.unanswered(load(body), since(start));
                    }
                    case OpenAiFailure.NetworkTrouble lost -> {
                        permit.lost();
                        bill.mayBe(lost.sent() ? tokens() : 0);
                        tooSlow = lost.sent() && size.unanswered(load(body), since(start));
                    }
                }
                throw e;
            } catch (InterruptedException e) {
                permit.lost();
                throw e;
            } finally {
                listener.answered(status);
            }
        }

        private RequestSize.Load load(byte[] body) {
            return new RequestSize.Load(missing.size(), tokens(), body.length);
        }

        private Duration since(long start) {
            return Duration.ofNanos(nanoTime.getAsLong() - start);
        }

        private Governor.Permit permit() throws EmbeddingException, InterruptedException {
            try {
                return governor.acquire(tokens());
            } catch (RequestTooLargeException e) {
                if (e.mostTokens() < LEAST_LIMIT) {
                    throw new SpecificationException(
                            ("%s allows this account %d tokens at a time, which not even a sentence keeps to: have its limit"
                                            + " raised, or correct spec.embedder.openai.limits.tokensPerMinute")
                                    .formatted(http.endpoint(), e.mostTokens()));
                }
                throw new EmbeddingException(e.getMessage(), e);
            }
        }

        /** What a request that failed may have cost: a gateway's error may hide that the server behind it has done the work. */
        private long tokensOf(OpenAiFailure.Answered answer) {
            return switch (answer) {
                case OpenAiFailure.ServerTrouble failed -> MAY_BE_BILLED.contains(failed.status()) ? tokens() : 0;
                case OpenAiFailure.Throttled _, OpenAiFailure.Fatal _, OpenAiFailure.Refused _ -> 0;
            };
        }

        private float[][] checked(OpenAiReply reply, Bill bill) throws OpenAiException {
            EmbeddingReply content = EmbeddingReply.read(reply.body(), missing.size(), dimensions);
            told(content).ifPresentOrElse(bill::is, () -> bill.mayBe(tokens()));
            Optional<ReplyFlaw> untoldBill =
                    preset.bills() && content.billedTokens().isEmpty()
                            ? Optional.of(new ReplyFlaw.UntoldBill())
                            : Optional.empty();
            flaw = content.flaw().or(() -> untoldBill);
            if (untoldBill.isEmpty()) {
                keep(content.vectors());
            }
            if (flaw.isPresent()) {
                throw unusable(reply, flaw.get());
            }
            uselessReplies.set(0);
            worked = true;
            outage.over();
            return vectors;
        }

        /** Empty of a provider that does not count, which says nothing, or 0: then the runner's own tokens stand for its bill. */
        private OptionalLong told(EmbeddingReply content) {
            OptionalLong told = content.billedTokens();
            if (told.orElse(0) > 0) {
                return told;
            }
            if (price.isPresent() && estimating.compareAndSet(false, true)) {
                LOG.warn(
                        "{} does not tell what it bills: the tokens that are counted here stand for it, as an estimate",
                        http.endpoint());
            }
            return OptionalLong.empty();
        }

        private void keep(float[][] brought) {
            List<Integer> others = new ArrayList<>();
            for (int i = 0; i < brought.length; i++) {
                int place = missing.get(i);
                if (brought[i] == null) {
                    others.add(place);
                } else {
                    vectors[place] = brought[i];
                }
            }
            missing = others;
        }

        private OpenAiException unusable(OpenAiReply reply, ReplyFlaw found) {
            return new OpenAiException(new OpenAiFailure.ServerTrouble(
                    reply,
                    "%s/embeddings replied with what was not asked for: %s"
                            .formatted(http.endpoint(), found.sentence()),
                    Optional.empty()));
        }

        /** What is to be thrown where another attempt may help. */
        private OpenAiException judged(OpenAiException given, EmbeddingRequest form)
                throws EmbeddingException, InterruptedException {
            OpenAiException e = survived(given);
            switch (e.failure()) {
                case OpenAiFailure.Throttled _ -> outage.over();
                case OpenAiFailure.TooLarge tooLarge -> {
                    outage.over();
                    size.refused(load(form.body(texts())), tooLarge);
                    throw new EmbeddingException(tooLarge.sentence(), e);
                }
                case OpenAiFailure.BadRequest bad -> {
                    outage.over();
                    refused(bad, form, e);
                }
                case OpenAiFailure.ServerTrouble _ when flaw.isPresent() -> useless(e);
                case OpenAiFailure.ServerTrouble _, OpenAiFailure.NetworkTrouble _ -> trouble(e);
                case OpenAiFailure.Fatal _ -> throw new IllegalStateException("fatal failures have ended the run", e);
            }
            return e;
        }

        /** @throws RunnerException when nothing will be answered any more, be it plain text that shows it */
        private OpenAiException survived(OpenAiException given) {
            OpenAiException e = doubted(given);
            Optional<RunnerException> fatal = OpenAiFailures.fatal(e.failure());
            if (fatal.isPresent()) {
                // Each refusal lengthens the pause: threads that wait for its end would be refused all the same, one
                // after
                // the other.
                governor.end(fatal.get());
                throw fatal.get();
            }
            return e;
        }

        /**
         * A page of a gateway or firewall is no verdict of the API, once that has worked: the gateway may be restarting, or not
         * like a single text. It is then trouble like any other, which shows with time whose it is.
         */
        private OpenAiException doubted(OpenAiException e) {
            return switch (e.failure()) {
                case OpenAiFailure.Unauthorized page when isDoubtful(page) -> trouble(page, e);
                case OpenAiFailure.NotFound page when isDoubtful(page) -> trouble(page, e);
                // Another server answers for a while, as a proxy that is being set up.
                case OpenAiFailure.NetworkTrouble lost
                when worked -> new OpenAiException(new OpenAiFailure.NetworkTrouble(lost.sent(), lost.sentence()), e);
                case OpenAiFailure _ -> e;
            };
        }

        private boolean isDoubtful(OpenAiFailure.Answered answer) {
            return worked && OpenAiFailures.mayBeOfGateway(answer);
        }

        private OpenAiException trouble(OpenAiFailure.Answered answer, OpenAiException cause) {
            return new OpenAiException(
                    new OpenAiFailure.ServerTrouble(
                            answer.reply(),
                            answer.sentence(),
                            headers(answer.reply()).retryAfter()),
                    cause);
        }

        /** Returns where another form of the request may help. */
        private void refused(OpenAiFailure.BadRequest bad, EmbeddingRequest form, OpenAiException e)
                throws EmbeddingException, InterruptedException {
            String about = bad.param().orElse("") + " " + bad.error().message();
            if (form.form() == VectorForm.BASE64 && (about.contains("encoding_format") || about.contains("base64"))) {
                request = form.withNumbers();
                return;
            }
            if (bad.content()) {
                OptionalInt guilty = bad.input().isPresent() && bad.input().getAsInt() < missing.size()
                        ? OptionalInt.of(missing.get(bad.input().getAsInt()))
                        : OptionalInt.empty();
                throw EmbeddingException.ofText(bad.sentence(), guilty, e);
            }
            if (about.contains("dimension")) {
                throw new SpecificationException(
                        "%s: check spec.embedder.openai.dimensions (%d) and spec.embedder.openai.model"
                                .formatted(bad.sentence(), dimensions));
            }
            provePlainTextIsTaken(bad);
            throw new EmbeddingException(bad.sentence(), e);
        }

        /**
         * Returns while it may be an accident: each such reply may be paid for, so that plain text tells soon whose fault it is.
         *
         * @throws SpecificationException when plain text is replied to so, too
         */
        private void useless(OpenAiException e) throws EmbeddingException, InterruptedException {
            boolean again = ++useless >= USELESS_REPLIES;
            if (uselessReplies.incrementAndGet() < USELESS_REPLIES_IN_A_ROW && !again) {
                return;
            }
            Attempts plain = plainText();
            if (plain.failure().isEmpty()) {
                OptionalInt guilty = missing.size() == 1 ? OptionalInt.of(missing.getFirst()) : OptionalInt.empty();
                throw EmbeddingException.ofText(e.getMessage(), guilty, e);
            }
            if (plain.flaw.isEmpty()) {
                trouble(e);
            } else if (uselessReplies.incrementAndGet() >= USELESS_REPLIES_IN_A_ROW) {
                SpecificationException stop = new SpecificationException(
                        "%s/embeddings replies again and again, to plain text as well, with what cannot be used and may be billed: %s: %s"
                                .formatted(
                                        http.endpoint(),
                                        flaw.get().sentence(),
                                        flaw.get().remedy(dimensions)));
                governor.end(stop);
                throw stop;
            }
        }

        /**
         * What is refused of plain text too is not the fault of any text. It is asked for before anything has worked, and of each
         * text that is refused alone, so that a wrong manifest costs a few requests and not one for each text.
         */
        private void provePlainTextIsTaken(OpenAiFailure.BadRequest bad)
                throws EmbeddingException, InterruptedException {
            if (worked && missing.size() > 1) {
                return;
            }
            Optional<OpenAiFailure> plain = plainTextFailure();
            if (plain.isPresent() && plain.get() instanceof OpenAiFailure.BadRequest) {
                SpecificationException wrong = new SpecificationException(
                        ("%s, and plain text is refused as well: check spec.embedder.openai.model, spec.embedder.openai.baseUrl"
                                        + " and spec.embedder.openai.server%s")
                                .formatted(bad.sentence(), saidBesideTexts()));
                governor.end(wrong);
                throw wrong;
            }
        }

        private String saidBesideTexts() {
            return request.members().isEmpty()
                    ? ""
                    : ", and what is sent beside the texts, %s, which spec.embedder.openai.documentFields and sendDimensions change"
                            .formatted(RequestMembers.text(request.members()));
        }

        /** Returns while it is the server's, as far as can be known. */
        private void trouble(OpenAiException e) throws EmbeddingException, InterruptedException {
            outage.seen(e.failure());
            if (outage.isTooLong()) {
                throw new UnavailableException(
                        "the provider fails for too long, and the last attempt like this: " + e.getMessage(), e);
            }
            if (tooSlow) {
                throw new EmbeddingException(e.getMessage(), e);
            }
            boolean isKnown = failuresOfTexts.contains(withoutNumbers(e));
            int suspicious = isOfServerItself(e) ? SUSPICIOUS_FAILURES : SUSPICIOUS_TROUBLE;
            trouble = Math.max(trouble + 1, isKnown ? suspicious : 0);
            // Twice, with an attempt in between: an outage may end between an attempt and the plain text.
            if (trouble < suspicious) {
                return;
            }
            boolean plainTextWorks = plainTextFailure().isEmpty();
            if (plainTextWorks && (trouble > suspicious || isKnown && missing.size() > 1)) {
                if (e.failure() instanceof OpenAiFailure.ServerTrouble) {
                    failuresOfTexts.add(withoutNumbers(e));
                }
                throw new EmbeddingException(e.getMessage(), e);
            }
            trouble = plainTextWorks ? suspicious : 0;
        }

        private static boolean isOfServerItself(OpenAiException e) {
            return e.failure() instanceof OpenAiFailure.ServerTrouble failed
                    && SERVER_FAILED.contains(failed.status())
                    && failed.error().form() != OpenAiError.Form.PAGE;
        }

        /** Numbers of requests and of texts differ from failure to failure. */
        private static String withoutNumbers(OpenAiException e) {
            return e.getMessage().replaceAll("\\w*\\d[\\w-]*", "");
        }

        private Attempts plainText() {
            return new Attempts(PLAIN_TEXTS.stream().map(tokenizer::tokenize).toList());
        }

        private Optional<OpenAiFailure> plainTextFailure() throws EmbeddingException, InterruptedException {
            return plainText().failure();
        }

        private Optional<OpenAiFailure> failure() throws EmbeddingException, InterruptedException {
            Bill bill = new Bill(budget.reserve(tokens()));
            try {
                answered(bill, request.body(texts()));
                return Optional.empty();
            } catch (OpenAiException e) {
                return Optional.of(survived(e).failure());
            } finally {
                bill.settle();
            }
        }

        private RateLimitHeaders headers(OpenAiReply reply) {
            return RateLimitHeaders.read(reply.headers()::get, Instant.now());
        }
    }

    /** What one request costs as far as is known, settled when it is through. */
    private final class Bill {
        private final Budget.Reservation reservation;
        private long tokens;
        private boolean told;

        Bill(Budget.Reservation reservation) {
            this.reservation = reservation;
        }

        /** The provider does not tell what it costs: it is what was counted here. */
        void mayBe(long most) {
            tokens = most;
            told = false;
        }

        void is(long billed) {
            tokens = billed;
            told = true;
        }

        void settle() {
            reservation.settle(tokens, told);
            if (tokens > 0) {
                listener.billed(tokens, price.map(known -> known.of(tokens)).orElse(BigDecimal.ZERO), told);
            }
        }
    }
}
