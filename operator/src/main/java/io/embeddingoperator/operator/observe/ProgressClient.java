package io.embeddingoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks runner pods for their progress, all at once and each for a short time only. An answer counts when it is a progress
 * document of that pod's own shard; anything else counts as no answer.
 */
public final class ProgressClient implements AutoCloseable {
    /** A longer answer is unusable: a progress document is smaller by far. */
    static final int MAX_ANSWER_BYTES = 64 * 1024;

    /** Requests in flight, of all jobs together: a bound on sockets and on the memory for answers. */
    private static final int MAX_REQUESTS = 512;

    /** Requests in flight for one job, so that a thousand dead pods of one job do not delay the others. */
    private static final int MAX_REQUESTS_OF_A_JOB = 64;

    private static final Logger LOG = LoggerFactory.getLogger(ProgressClient.class);

    private final Duration timeout;
    private final BiConsumer<PollResult, Duration> polled;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore open = new Semaphore(MAX_REQUESTS, true);
    private final HttpClient http;

    /**
     * @param timeout how long one pod may take from the connection to the last byte of its answer
     * @param polled hears how each request ended and how long it took, from several threads
     */
    public ProgressClient(Duration timeout, BiConsumer<PollResult, Duration> polled) {
        this.timeout = timeout;
        this.polled = polled;
        // A pod's address is valid in this network only: a proxy elsewhere might reach another pod by it.
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(timeout)
                .executor(requests)
                .build();
    }

    /**
     * What the runners of one job answer, by the name of their pod. A runner that does not answer in time is left out.
     *
     * @param limit how long all of them together may take; a runner that was not asked by then is left out
     */
    public Map<String, Progress> ask(Collection<RunnerEndpoint> runners, Duration limit) throws InterruptedException {
        Map<String, Progress> answers = new ConcurrentHashMap<>();
        Semaphore openForThisJob = new Semaphore(MAX_REQUESTS_OF_A_JOB);
        requests.invokeAll(
                runners.stream()
                        .<Callable<Void>>map(runner -> () -> {
                            openForThisJob.acquire();
                            try {
                                ask(runner, answers);
                            } finally {
                                openForThisJob.release();
                            }
                            return null;
                        })
                        .toList(),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        return Map.copyOf(answers);
    }

    private void ask(RunnerEndpoint runner, Map<String, Progress> answers) throws InterruptedException {
        open.acquire();
        long start = System.nanoTime();
        PollResult result = PollResult.Unreachable;
        try {
            HttpResponse<byte[]> response = response(runner);
            Progress progress = response.statusCode() == 200 ? read(response.body()) : null;
            if (progress != null && runner.isNamedIn(progress)) {
                answers.put(runner.pod(), progress);
                result = PollResult.Answered;
            } else {
                LOG.debug("pod {} answered {}, which is not its progress", runner.pod(), response.statusCode());
                result = PollResult.Unusable;
            }
        } catch (TimeoutException e) {
            result = PollResult.TimedOut;
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof HttpTimeoutException) {
                result = PollResult.TimedOut;
            }
            LOG.debug("pod {} cannot be asked for its progress: {}", runner.pod(), cause.toString());
        } finally {
            open.release();
            polled.accept(result, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** The request's own timeout ends with the headers: the body is timed as well here. */
    private HttpResponse<byte[]> response(RunnerEndpoint runner)
            throws InterruptedException, ExecutionException, TimeoutException {
        HttpRequest request =
                HttpRequest.newBuilder(runner.progress()).timeout(timeout).build();
        BodyHandler<byte[]> atMost = BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES);
        CompletableFuture<HttpResponse<byte[]>> response = http.sendAsync(request, atMost);
        try {
            return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            response.cancel(true);
        }
    }

    private static @Nullable Progress read(byte[] body) {
        try {
            return TerminationMessage.read(new String(body, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        requests.shutdownNow();
    }
}
