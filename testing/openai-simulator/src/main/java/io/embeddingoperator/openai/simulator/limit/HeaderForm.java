package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;

/** How a server tells what is left. */
public enum HeaderForm {
    /** Durations of Go. */
    OPENAI {
        @Override
        String duration(Duration duration) {
            return GoDuration.format(duration);
        }
    },
    /** Whole seconds. */
    AZURE {
        @Override
        String duration(Duration duration) {
            return Long.toString(wholeSeconds(duration));
        }
    },
    /** Not at all, as most compatible servers. */
    NONE {
        @Override
        String duration(Duration duration) {
            return "";
        }
    };

    abstract String duration(Duration duration);

    /** Azure was seen to tell -1 where nothing is left. */
    long remaining(long remaining) {
        return this == AZURE && remaining == 0 ? -1 : remaining;
    }

    /** Rounded up, so that no client comes back too early. */
    static long wholeSeconds(Duration duration) {
        return duration.plusSeconds(1).minusNanos(1).toSeconds();
    }
}
