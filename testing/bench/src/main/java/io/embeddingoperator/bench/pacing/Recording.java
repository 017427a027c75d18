package io.embeddingoperator.bench.pacing;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What passed at the server, in bins of a tenth of a second, and whose it was. */
final class Recording {
    static final Duration BIN = Duration.ofMillis(100);
    private static final int BINS_PER_SECOND = 10;
    private static final double SECONDS_PER_MINUTE = 60;

    private final int bins;
    private final double[] tokens;
    private final double[] requests;
    private final double[] level;
    private final double[] tokenLimit;
    private final double[] requestLimit;
    private final double[] sentInBin;
    private final double[] refusedInBin;
    private final double[][] byProcess;
    private long sent;
    private long refused;
    private long givenUp;

    Recording(Duration length, int processes) {
        bins = (int) (length.toNanos() / BIN.toNanos());
        tokens = new double[bins];
        requests = new double[bins];
        level = new double[bins];
        tokenLimit = new double[bins];
        requestLimit = new double[bins];
        sentInBin = new double[bins];
        refusedInBin = new double[bins];
        byProcess = new double[processes][bins];
    }

    void request(long nanos, int process, long amount, boolean admitted) {
        int bin = bin(nanos);
        sent++;
        sentInBin[bin]++;
        if (admitted) {
            tokens[bin] += amount;
            requests[bin]++;
            byProcess[process][bin] += amount;
        } else {
            refused++;
            refusedInBin[bin]++;
        }
    }

    void level(long nanos, double remaining, double tokensPerMinute, double requestsPerMinute) {
        int bin = bin(nanos);
        level[bin] = remaining;
        tokenLimit[bin] = tokensPerMinute;
        requestLimit[bin] = requestsPerMinute;
    }

    private int bin(long nanos) {
        return Math.min(bins - 1, (int) (nanos / BIN.toNanos()));
    }

    long sent() {
        return sent;
    }

    long refused() {
        return refused;
    }

    /** Refusals of every 1,000 requests. */
    double refusedPerThousand() {
        return sent == 0 ? 0 : 1_000.0 * refused / sent;
    }

    /** Of the requests in this time, the part that was refused; 0 where there were none. */
    double refusedPart(double from, double to) {
        double sum = Arrays.stream(sentInBin, at(from), at(to)).sum();
        return sum == 0 ? 0 : Arrays.stream(refusedInBin, at(from), at(to)).sum() / sum;
    }

    /** Tokens that passed in this time, as a part of what the limit refills. */
    double tokenUse(double from, double to) {
        return part(tokens, tokenLimit, from, to);
    }

    double requestUse(double from, double to) {
        return part(requests, requestLimit, from, to);
    }

    private static double part(double[] used, double[] perMinute, double from, double to) {
        double refilled = Arrays.stream(perMinute, at(from), at(to)).sum() / (SECONDS_PER_MINUTE * BINS_PER_SECOND);
        return Arrays.stream(used, at(from), at(to)).sum() / refilled;
    }

    /** Jain's index of the tokens of each process: 1 where all have the same, 1/n where one has everything. */
    double fairness(double from, double to) {
        double[] sums = Arrays.stream(byProcess)
                .mapToDouble(process -> Arrays.stream(process, at(from), at(to)).sum())
                .toArray();
        double sum = Arrays.stream(sums).sum();
        double squares = Arrays.stream(sums).map(value -> value * value).sum();
        return squares == 0 ? 0 : sum * sum / (sums.length * squares);
    }

    /** The part of a fair share that one process had. */
    double shareOf(int process, double from, double to) {
        double all = Arrays.stream(tokens, at(from), at(to)).sum();
        return Arrays.stream(byProcess[process], at(from), at(to)).sum() * byProcess.length / all;
    }

    /** The limit of tokens, in those a second. */
    double limitAt(double seconds) {
        return tokenLimit[at(seconds)] / SECONDS_PER_MINUTE;
    }

    /** What is left of the limit of tokens, as a part of it. */
    double levelAt(double seconds) {
        return level[at(seconds)] / tokenLimit[at(seconds)];
    }

    /** A program got the error of a request after all retries. */
    void givenUp() {
        givenUp++;
    }

    long givenUpCount() {
        return givenUp;
    }

    /**
     * Seconds after a moment from which on every window of so many seconds uses a part of the limit within bounds, up to a minute
     * after the moment; infinite where there is no such time.
     */
    double settledAfter(double moment, double windowSeconds, double least, double most) {
        double settled = Double.POSITIVE_INFINITY;
        for (int bin = at(moment + SECONDS_PER_MINUTE); bin >= at(moment); bin--) {
            double from = (double) bin / BINS_PER_SECOND;
            double use = tokenUse(from, from + windowSeconds);
            if (use < least || use > most) {
                return settled;
            }
            settled = from - moment;
        }
        return settled;
    }

    /** Seconds after a moment until the process has had at least so much of a fair share, averaged over some seconds. */
    double fairAfter(int process, double moment, double windowSeconds, double least) {
        return IntStream.range(at(moment), bins - at(windowSeconds))
                .mapToDouble(bin -> (double) bin / BINS_PER_SECOND)
                .filter(from -> shareOf(process, from, from + windowSeconds) >= least)
                .map(from -> from + windowSeconds - moment)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private static int at(double seconds) {
        return (int) Math.round(seconds * BINS_PER_SECOND);
    }
}
