package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.fault.BillingCode;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Faults;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What goes wrong in one run.
 *
 * @param strikes meet some requests, or all from one on
 * @param ofTexts meets each request for some texts
 */
record DrawnFaults(List<Strike> strikes, Optional<Fault.OfTexts> ofTexts) {
    private static final List<Fault> PAUSES = List.of(
            new Fault.RateLimit(new RetryAfter.Milliseconds(20), true),
            new Fault.RateLimit(new RetryAfter.Text("soon"), false),
            new Fault.SlowDown(new RetryAfter.Milliseconds(20)));

    private static final List<Fault> TROUBLE = List.of(
            Fault.ServerError.internal(),
            Fault.ServerError.badGateway(),
            Fault.ServerError.overloaded(),
            new Fault.SlowHeaders(20),
            new Fault.SlowTexts(3),
            new Fault.SlowDrip(1, 4_096),
            new Fault.Reset(false),
            new Fault.Reset(true),
            new Fault.GoAway(),
            // With other errors OpenAI bills nothing.
            new Fault.FailsAfterwards(408),
            new Fault.FailsAfterwards(504),
            new Fault.Cut(Fault.Cut.Ending.CLEAN, 0.5),
            new Fault.Cut(Fault.Cut.Ending.CLOSED, 0.9),
            new Fault.Cut(Fault.Cut.Ending.RESET, 0.1),
            new Fault.Compressed(),
            new Fault.WithoutLimitHeaders());

    private static final List<Fault> WORDS_OF_OTHERS = List.of(
            new Fault.Billing(BillingCode.INSUFFICIENT_QUOTA),
            new Fault.Answer(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
            new Fault.Answer(403, "Country not supported", "request_forbidden", "unsupported_country_region_territory"),
            new Fault.Answer(404, "The model does not exist.", "invalid_request_error", "model_not_found"),
            Fault.Verbatim.page(200, "Sign in"),
            Fault.Verbatim.page(403, "Attention Required!"),
            Fault.Verbatim.text(403, "Blocked by policy"),
            Fault.Verbatim.json(200, "{\"error\":{\"message\":\"upstream failed\",\"code\":502}}"),
            Fault.Verbatim.json(400, "[{\"error\":{\"code\":400,\"message\":\"API key not valid.\"}}]"),
            Fault.Verbatim.json(422, "{\"detail\":\"Not enough credits\"}"));

    /** @param to the last request that it meets, as from is the first */
    record Strike(Fault fault, long from, long to) {}

    static DrawnFaults of(RandomGenerator random) {
        List<Strike> strikes = new ArrayList<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            long from = random.nextLong(1, 13);
            strikes.add(
                    switch (random.nextInt(8)) {
                        case 0 -> once(one(PAUSES, random), from);
                        case 1 -> once(one(WORDS_OF_OTHERS, random), from);
                        case 2 -> forEver(one(WORDS_OF_OTHERS, random), from);
                        case 3 -> forEver(one(TROUBLE, random), from);
                        case 4 -> forEver(spoiled(random), from);
                        case 5 -> new Strike(one(TROUBLE, random), from, from + 2);
                        case 6 -> once(spoiled(random), from);
                        default -> once(one(TROUBLE, random), from);
                    });
        }
        return new DrawnFaults(strikes, random.nextInt(3) == 0 ? Optional.of(ofTexts(random)) : Optional.empty());
    }

    private static Strike once(Fault fault, long request) {
        return new Strike(fault, request, request);
    }

    private static Strike forEver(Fault fault, long from) {
        return new Strike(fault, from, Long.MAX_VALUE);
    }

    /** But for a vector of zeros, which is for the sink to judge. */
    private static Fault spoiled(RandomGenerator random) {
        Spoil drawn = Spoil.values()[random.nextInt(Spoil.values().length)];
        return new Fault.Spoiled(drawn == Spoil.ZERO_VECTOR ? Spoil.SHUFFLED : drawn);
    }

    private static Fault.OfTexts ofTexts(RandomGenerator random) {
        String document = "document %d ".formatted(random.nextInt(1, 10));
        return switch (random.nextInt(4)) {
            case 0 -> new Fault.TextRefused(document, "This content is not allowed.");
            case 1 -> new Fault.TextFails(document, "failed to encode response: json: unsupported value: NaN");
            case 2 -> new Fault.TextTooLong(random.nextInt(8, 24));
            default -> new Fault.TooManyTexts(random.nextInt(1, 9));
        };
    }

    private static Fault one(List<Fault> faults, RandomGenerator random) {
        return faults.get(random.nextInt(faults.size()));
    }

    void schedule(Faults faults) {
        strikes.forEach(strike -> faults.onRequests(Endpoint.EMBEDDINGS, strike.from(), strike.to(), strike.fault()));
        ofTexts.ifPresent(fault -> faults.always(Endpoint.EMBEDDINGS, fault));
    }

    /** Whether a careful client gets over it: one accident, and none that says that nothing will help. */
    boolean curable() {
        return strikes.isEmpty()
                || strikes.size() == 1
                        && strikes.getFirst().from() == strikes.getFirst().to()
                        && !WORDS_OF_OTHERS.contains(strikes.getFirst().fault());
    }

    /** Whether the server takes a text when it comes alone. */
    boolean takes(String text) {
        return ofTexts.filter(fault -> fault.meets(List.of(text))).isEmpty();
    }
}
