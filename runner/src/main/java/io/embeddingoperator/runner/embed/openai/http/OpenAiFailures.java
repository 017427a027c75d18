package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Optional;

/** Which failures end a run at once, and in which words. */
public final class OpenAiFailures {
    private static final String CERTIFICATE =
            ": check spec.embedder.openai.baseUrl, and where the authority is one of your own, give its certificate in"
                    + " spec.embedder.openai.caBundle (in a process, name its file in %s)"
                            .formatted(EnvironmentVariable.OPENAI_CA_BUNDLE);

    private OpenAiFailures() {}

    /** Empty where trying again, or sending something else, may help. */
    public static Optional<RunnerException> fatal(OpenAiFailure failure) {
        return switch (failure) {
            case OpenAiFailure.Billing billing ->
                stop(billing.sentence()
                        + ": the account has nothing to pay with just now, so nothing more was sent; see to its billing and"
                        + " start a new run, which skips what is embedded");
            case OpenAiFailure.Unauthorized unauthorized -> stop(unauthorized.sentence());
            case OpenAiFailure.NotFound notFound ->
                stop(notFound.sentence()
                        + ": check spec.embedder.openai.baseUrl, spec.embedder.openai.model and what the key may use");
            case OpenAiFailure.RateLimited _,
                    OpenAiFailure.SlowDown _,
                    OpenAiFailure.BadRequest _,
                    OpenAiFailure.TooLarge _,
                    OpenAiFailure.ServerTrouble _ -> Optional.empty();
            case OpenAiFailure.NetworkTrouble trouble ->
                trouble.lasting() ? stop(trouble.sentence() + CERTIFICATE) : Optional.empty();
        };
    }

    private static Optional<RunnerException> stop(String sentence) {
        return Optional.of(new SpecificationException(sentence));
    }
}
