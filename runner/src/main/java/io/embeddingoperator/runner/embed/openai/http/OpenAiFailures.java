package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Optional;
import java.util.Set;

/** Which failures end a run at once, and in which words. */
public final class OpenAiFailures {
    private static final Set<String> BILLING = Set.of(
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "Arrearage");
    private static final int UNAUTHORIZED = 401;

    private OpenAiFailures() {}

    /** Whether a code says that the account has nothing to pay with. */
    public static boolean isBilling(String code) {
        return BILLING.contains(code);
    }

    /** Empty where trying again, or sending something else, may help. */
    public static Optional<RunnerException> fatal(OpenAiFailure failure) {
        return switch (failure) {
            case OpenAiFailure.Billing billing -> stop(withoutMoney(billing.sentence()));
            case OpenAiFailure.Unauthorized unauthorized -> stop(unauthorized.sentence());
            case OpenAiFailure.NotFound notFound -> stop(notFound.sentence() + ": " + notFound.remedy());
            case OpenAiFailure.Throttled _, OpenAiFailure.Refused _, OpenAiFailure.ServerTrouble _ -> Optional.empty();
            case OpenAiFailure.NetworkTrouble trouble ->
                trouble.remedy().flatMap(remedy -> stop(trouble.sentence() + ": " + remedy));
        };
    }

    /**
     * Whether a gateway or firewall on the way may have said it, which is no verdict of the API once that has worked. A server says
     * 401 of a key that it does not take any more; a firewall, or a gateway without its server, says another status.
     */
    public static boolean mayBeOfGateway(OpenAiFailure.Answered answer) {
        return switch (answer.error().form()) {
            case OPENAI -> false;
            case JSON -> answer.reply().status() != UNAUTHORIZED;
            case PAGE -> true;
        };
    }

    /** What to do about an account that cannot pay. */
    public static String withoutMoney(String sentence) {
        return sentence
                + ": the account has nothing to pay with just now, so nothing more was sent; see to its billing and start a new"
                + " run, which skips what is embedded";
    }

    private static Optional<RunnerException> stop(String sentence) {
        return Optional.of(new SpecificationException(sentence));
    }
}
