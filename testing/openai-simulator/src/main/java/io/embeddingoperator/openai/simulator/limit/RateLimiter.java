package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * OpenAI's limits for one organisation and model. Buckets for requests and tokens are refilled continuously; a request is
 * admitted, and charged at once, only if every bucket suffices. Time is what the caller says it is.
 */
public final class RateLimiter {
    private static final String LEARN_MORE = "Visit https://platform.openai.com/account/rate-limits to learn more.";

    private final String organization;
    private final String model;
    private final Dimension requests;
    private final Dimension tokens;
    private final Map<String, Dimension> projects = new HashMap<>();
    private final Ramp ramp = new Ramp();
    private ModelLimits limits;

    public RateLimiter(String organization, String model, ModelLimits limits, Instant now) {
        this.organization = organization;
        this.model = model;
        this.limits = limits;
        this.requests = new Dimension(Dimension.Kind.REQUESTS, limits.requests(), now);
        this.tokens = new Dimension(Dimension.Kind.TOKENS, limits.tokens(), now);
    }

    /** A request of so many tokens, of a project that has no name. */
    public Admission admit(Instant now, long amount) {
        return admit(now, "", amount);
    }

    /** A request of so many tokens. */
    public synchronized Admission admit(Instant now, String project, long amount) {
        Optional<Dimension> ofProject = limits.projectTokens()
                .map(limit -> projects.computeIfAbsent(project, _ -> new Dimension(Dimension.Kind.TOKENS, limit, now)));
        requests.refill(now);
        tokens.refill(now);
        ofProject.ifPresent(dimension -> dimension.refill(now));

        Optional<Admission> refusal = refusal(requests, "organization " + organization, 1, ofProject)
                .or(() -> refusal(tokens, "organization " + organization, amount, ofProject))
                .or(() -> ofProject.flatMap(dimension -> refusal(dimension, "project " + project, amount, ofProject)));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (limits.ramp()) {
            if (!ramp.allows(now, amount)) {
                return new Admission.SlowDown(quota(ofProject), ramp.pause());
            }
            ramp.count(amount);
        }
        requests.take(1);
        tokens.take(amount);
        ofProject.ifPresent(dimension -> dimension.take(amount));
        return new Admission.Admitted(quota(ofProject));
    }

    /** What is left, of a project that has no name. */
    public synchronized Quota quota(Instant now) {
        requests.refill(now);
        tokens.refill(now);
        return quota(Optional.empty());
    }

    public synchronized ModelLimits limits() {
        return limits;
    }

    /** From now on other limits; what is left of the old ones stays, as far as the new ones have room for it. */
    public synchronized void change(Instant now, ModelLimits changed) {
        requests.change(changed.requests(), now);
        tokens.change(changed.tokens(), now);
        changed.projectTokens()
                .ifPresentOrElse(
                        limit -> projects.values().forEach(dimension -> dimension.change(limit, now)), projects::clear);
        limits = changed;
    }

    private Optional<Admission> refusal(Dimension dimension, String whose, long amount, Optional<Dimension> ofProject) {
        if (dimension.has(amount)) {
            return Optional.empty();
        }
        Limit limit = dimension.limit();
        String type = dimension.kind().word();
        String where = model + " in " + whose + " on " + dimension.kind().named(limit) + ": Limit " + limit.amount();
        if (amount > limit.amount()) {
            return Optional.of(new Admission.RequestTooLarge(
                    quota(ofProject),
                    type,
                    "Request too large for " + where + ", Requested " + amount
                            + ". The input or output tokens must be reduced in order to run successfully. "
                            + LEARN_MORE));
        }
        Duration wait = dimension.tryAgainIn(amount);
        return Optional.of(new Admission.RateLimited(
                quota(ofProject),
                type,
                wait,
                "Rate limit reached for " + where + ", Used " + dimension.used() + ", Requested " + amount
                        + ". Please try again in " + GoDuration.format(wait) + ". " + LEARN_MORE));
    }

    private Quota quota(Optional<Dimension> ofProject) {
        return new Quota(requests.standing(), tokens.standing(), ofProject.map(Dimension::standing));
    }
}
