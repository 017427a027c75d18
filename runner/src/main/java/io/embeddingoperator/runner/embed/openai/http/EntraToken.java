package io.embeddingoperator.runner.embed.openai.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A token that Microsoft Entra ID gave an identity.
 *
 * @param given when
 * @param renewal when another one is asked for
 * @param end when it is not taken any more
 */
record EntraToken(EntraIdentity identity, String value, Instant given, Instant renewal, Instant end, Clock clock)
        implements Secret {
    private static final Logger LOG = LoggerFactory.getLogger(EntraToken.class);

    /** A token that is refused although it is newer than this is not refused for its age. */
    private static final Duration NEW = Duration.ofMinutes(1);

    /** Before the end: for requests that are under way, for clocks that differ, and for an outage of Entra ID. */
    private static final Duration AHEAD = Duration.ofMinutes(5);

    /** None yet: the first request asks for it. */
    static EntraToken none(EntraIdentity identity, Clock clock) {
        return new EntraToken(identity, "", Instant.MIN, Instant.MIN, Instant.MIN, clock);
    }

    static EntraToken of(EntraIdentity identity, String value, Duration life, Clock clock) {
        Instant now = clock.instant();
        Duration before = life.dividedBy(2).compareTo(AHEAD) < 0 ? life.dividedBy(2) : AHEAD;
        return new EntraToken(identity, value, now, now.plus(life).minus(before), now.plus(life), clock);
    }

    @Override
    public String origin() {
        return "the identity of spec.embedder.openai.azureIdentity (it needs the role Cognitive Services OpenAI User at the resource)";
    }

    @Override
    public boolean isSpent() {
        return !clock.instant().isBefore(renewal);
    }

    @Override
    public EntraToken renewed() throws OpenAiException, InterruptedException {
        Instant now = clock.instant();
        if (!isSpent() && now.isBefore(given.plus(NEW))) {
            return this;
        }
        try {
            return identity.token(clock);
        } catch (OpenAiException e) {
            if (!isSpent() || !now.isBefore(end)) {
                throw e;
            }
            LOG.warn("{}; the token at hand is good until {}", e.getMessage(), end);
            return new EntraToken(identity, value, given, now.plus(NEW), end, clock);
        }
    }

    /** The origin alone. */
    @Override
    public String toString() {
        return origin();
    }
}
