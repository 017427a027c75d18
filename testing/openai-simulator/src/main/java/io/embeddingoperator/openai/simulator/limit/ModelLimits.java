package io.embeddingoperator.openai.simulator.limit;

import java.util.Optional;

/**
 * What an organisation may send to one model.
 *
 * @param requests in a minute or a day
 * @param tokens in a minute
 * @param projectTokens what each of its projects may have of the tokens, where the organisation has divided them
 * @param ramp whether a steep climb above 1,000,000 tokens a minute is answered with slow_down, see {@link Ramp}
 */
public record ModelLimits(Limit requests, Limit tokens, Optional<Limit> projectTokens, boolean ramp) {
    public static ModelLimits perMinute(long requests, long tokens) {
        return new ModelLimits(Limit.perMinute(requests), Limit.perMinute(tokens), Optional.empty(), false);
    }

    public ModelLimits withRequests(Limit changed) {
        return new ModelLimits(changed, tokens, projectTokens, ramp);
    }

    public ModelLimits withTokens(Limit changed) {
        return new ModelLimits(requests, changed, projectTokens, ramp);
    }

    public ModelLimits withProjectTokens(Limit changed) {
        return new ModelLimits(requests, tokens, Optional.of(changed), ramp);
    }

    public ModelLimits withRamp(boolean changed) {
        return new ModelLimits(requests, tokens, projectTokens, changed);
    }

    /** Halved with 0.5, doubled with 2. */
    public ModelLimits times(double factor) {
        return new ModelLimits(
                requests.times(factor), tokens.times(factor), projectTokens.map(limit -> limit.times(factor)), ramp);
    }
}
