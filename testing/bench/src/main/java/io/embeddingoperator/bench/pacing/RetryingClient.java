package io.embeddingoperator.bench.pacing;

import java.util.random.RandomGenerator;

/** What most programs do: so many requests at a time, each sent again after a refusal, by one of the usual rules. */
final class RetryingClient implements Client {
    private static final double NANOS = 1e9;

    private final Timeline timeline;
    private final Account account;
    private final Packing packing;
    private final int process;
    private final Rule rule;
    private final int concurrency;
    private final long requestTokens;
    private final RandomGenerator random;

    RetryingClient(
            Timeline timeline,
            Account account,
            Packing packing,
            int process,
            Rule rule,
            int concurrency,
            long requestTokens,
            RandomGenerator random) {
        this.timeline = timeline;
        this.account = account;
        this.packing = packing;
        this.process = process;
        this.rule = rule;
        this.concurrency = concurrency;
        this.requestTokens = requestTokens;
        this.random = random;
    }

    /** How long to wait after a refusal. */
    enum Rule {
        /**
         * The official SDK's, measured: twice, after Retry-After but at most 8 s. The error that comes then is met by the program
         * with the next text, and by the same request later.
         */
        SDK("openai-java") {
            @Override
            double seconds(int attempt, double retryAfter, RandomGenerator random) {
                return attempt > 2 ? 0 : Math.min(retryAfter, 8);
            }
        },
        /** As the provider's cookbook has it: random, up to 2 to the n seconds, at most 60. */
        EXPONENTIAL("exponential backoff") {
            @Override
            double seconds(int attempt, double retryAfter, RandomGenerator random) {
                return random.nextDouble(1, 1 + Math.min(60, Math.pow(2, attempt)));
            }
        };

        private final String words;

        Rule(String words) {
            this.words = words;
        }

        abstract double seconds(int attempt, double retryAfter, RandomGenerator random);

        @Override
        public String toString() {
            return words;
        }
    }

    @Override
    public void start() {
        for (int worker = 0; worker < concurrency; worker++) {
            send(packing.next(requestTokens), 1);
        }
    }

    private void send(Packing.Request request, int attempt) {
        account.request(process, request.texts(), request.tokens(), answer -> {
            if (answer.status() == 200) {
                send(packing.next(requestTokens), 1);
                return;
            }
            double wait =
                    rule.seconds(attempt, Double.parseDouble(answer.headers().get("retry-after")), random);
            boolean givenUp = rule == Rule.SDK && attempt > 2;
            if (givenUp) {
                account.recording().givenUp();
            }
            timeline.in((long) (wait * NANOS), () -> send(request, givenUp ? 1 : attempt + 1));
        });
    }
}
