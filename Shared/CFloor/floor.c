#include "floor.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define STAGES 5
#define BODY_BYTES 640
#define MAX_COPIES 3

struct copy {
  const char *table;
  int rows_per_journey;
};

struct run {
  const struct floor_servers *servers;
  int journeys;
  int batch;
  atomic_int failed;
  pthread_mutex_t error_lock;
  char *error;
  int error_size;
};

struct stage {
  struct run *run;
  const char *from;
  const char *to;
  struct copy copies[MAX_COPIES];
  unsigned seed;
};

static const char *const tables[] = {"request", "approval", "guest", "assignment", "entitlement", "deadline", "done"};
static const char *const queues[] = {"floor.1", "floor.2", "floor.3", "floor.4"};

static void fail(struct run *run, const char *what, const char *why) {
  if (atomic_exchange(&run->failed, 1)) return;
  pthread_mutex_lock(&run->error_lock);
  snprintf(run->error, (size_t)run->error_size, "%s: %s", what, why);
  pthread_mutex_unlock(&run->error_lock);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int execute(struct run *run, PGconn *database, const char *sql) {
  PGresult *result = PQexec(database, sql);
  ExecStatusType status = PQresultStatus(result);
  int done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
  if (!done) fail(run, sql, PQerrorMessage(database));
  PQclear(result);
  return done;
}

static PGconn *connect_database(struct run *run) {
  PGconn *database = PQconnectdb(run->servers->database);
  if (PQstatus(database) == CONNECTION_OK) return database;
  fail(run, "database", PQerrorMessage(database));
  PQfinish(database);
  return NULL;
}

static amqp_connection_state_t connect_broker(struct run *run) {
  const struct floor_servers *servers = run->servers;
  amqp_connection_state_t broker = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(broker);
  if (socket && amqp_socket_open(socket, servers->broker_host, servers->broker_port) == AMQP_STATUS_OK) {
    amqp_rpc_reply_t reply = amqp_login(broker, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, servers->broker_user,
                                        servers->broker_password);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL && amqp_channel_open(broker, 1)) return broker;
  }
  fail(run, "broker", "can not connect");
  amqp_destroy_connection(broker);
  return NULL;
}

static void close_broker(amqp_connection_state_t broker) {
  if (!broker) return;
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(broker);
}

/// One durable quorum queue per hop, empty.
static int declare_queues(struct run *run, amqp_connection_state_t broker) {
  amqp_table_entry_t type = {.key = amqp_cstring_bytes("x-queue-type"),
                             .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes("quorum")}}};
  amqp_table_t arguments = {1, &type};
  for (int i = 0; i < STAGES - 1; i++) {
    amqp_queue_delete(broker, 1, amqp_cstring_bytes(queues[i]), 0, 0);
    if (!amqp_queue_declare(broker, 1, amqp_cstring_bytes(queues[i]), 0, 1, 0, 0, arguments)) {
      fail(run, "broker", "refuses a queue");
      return 0;
    }
  }
  return 1;
}

static int copy_rows(struct stage *stage, PGconn *database, const struct copy *copy, int journeys) {
  char sql[128], row[320];
  snprintf(sql, sizeof sql, "COPY floor.%s (id, tenant, state, at, subject, detail) FROM STDIN", copy->table);
  if (!execute(stage->run, database, sql)) return 0;
  for (int i = 0; i < journeys * copy->rows_per_journey; i++) {
    unsigned a = (unsigned)rand_r(&stage->seed), b = (unsigned)rand_r(&stage->seed);
    int length = snprintf(row, sizeof row,
                          "%08x-%04x-7000-8000-%08x%04x\tcontoso\tdelivered\t2026-11-23T12:00:00Z\t"
                          "person.%u@fabrikam.example\t{\"package\":\"project-phoenix\",\"policy\":\"fabrikam\","
                          "\"justification\":\"quarterly audit of the project\"}\n",
                          a, b & 0xffff, (unsigned)rand_r(&stage->seed), (unsigned)i & 0xffff, a);
    if (PQputCopyData(database, row, length) != 1) break;
  }
  int done = PQputCopyEnd(database, NULL) == 1;
  for (PGresult *result; (result = PQgetResult(database)); PQclear(result)) {
    done = done && PQresultStatus(result) == PGRES_COMMAND_OK;
  }
  if (!done) fail(stage->run, copy->table, PQerrorMessage(database));
  return done;
}

/// Publishes persistent messages and waits until the broker has confirmed all of them.
static int publish(struct stage *stage, amqp_connection_state_t broker, int count, uint64_t *sent, uint64_t *confirmed) {
  static const char body[BODY_BYTES];
  amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG,
                                        .content_type = amqp_cstring_bytes("application/protobuf"),
                                        .delivery_mode = 2};
  amqp_bytes_t bytes = {.len = BODY_BYTES, .bytes = (void *)body};
  for (int i = 0; i < count; i++, (*sent)++) {
    if (amqp_basic_publish(broker, 1, amqp_empty_bytes, amqp_cstring_bytes(stage->to), 0, 0, &properties, bytes)) {
      fail(stage->run, stage->to, "publishing failed");
      return 0;
    }
  }
  while (*confirmed < *sent) {
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(broker, &frame) != AMQP_STATUS_OK) {
      fail(stage->run, stage->to, "confirms ended");
      return 0;
    }
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
      const amqp_basic_ack_t *ack = frame.payload.method.decoded;
      *confirmed = ack->multiple ? ack->delivery_tag : *confirmed + 1;
    }
    amqp_maybe_release_buffers(broker);
  }
  return 1;
}

/// Takes what is there, up to a batch; the first message is waited for.
static int consume(struct stage *stage, amqp_connection_state_t broker, int limit, uint64_t *tag) {
  int count = 0;
  while (count < limit && !atomic_load(&stage->run->failed)) {
    amqp_envelope_t envelope;
    struct timeval wait = {.tv_sec = count ? 0 : 1, .tv_usec = count ? 2000 : 0};
    amqp_rpc_reply_t reply = amqp_consume_message(broker, &envelope, &wait, 0);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
      *tag = envelope.delivery_tag;
      amqp_destroy_envelope(&envelope);
      count++;
    } else if (reply.library_error != AMQP_STATUS_TIMEOUT) {
      fail(stage->run, stage->from, "consuming failed");
    } else if (count) {
      break;
    }
  }
  return count;
}

static void pass(struct stage *stage, PGconn *database, amqp_connection_state_t in, amqp_connection_state_t out) {
  struct run *run = stage->run;
  uint64_t sent = 0, confirmed = 0, tag = 0;
  for (int done = 0; done < run->journeys && !atomic_load(&run->failed);) {
    int left = run->journeys - done, limit = left < run->batch ? left : run->batch;
    int count = in ? consume(stage, in, limit, &tag) : limit;
    if (!count || !execute(run, database, "BEGIN")) return;
    for (int i = 0; i < MAX_COPIES && stage->copies[i].table; i++) {
      if (!copy_rows(stage, database, &stage->copies[i], count)) return;
    }
    if (!execute(run, database, "COMMIT")) return;
    if (out && !publish(stage, out, count, &sent, &confirmed)) return;
    if (in) amqp_basic_ack(in, 1, tag, 1);
    done += count;
  }
}

static void *run_stage(void *argument) {
  struct stage *stage = argument;
  PGconn *database = connect_database(stage->run);
  amqp_connection_state_t in = stage->from ? connect_broker(stage->run) : NULL;
  amqp_connection_state_t out = stage->to ? connect_broker(stage->run) : NULL;
  if (in) {
    amqp_basic_qos(in, 1, 0, (uint16_t)stage->run->batch, 0);
    amqp_basic_consume(in, 1, amqp_cstring_bytes(stage->from), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  }
  if (out) amqp_confirm_select(out, 1);
  if (database && (in || !stage->from) && (out || !stage->to)) pass(stage, database, in, out);
  close_broker(in);
  close_broker(out);
  if (database) PQfinish(database);
  return NULL;
}

static int prepare(struct run *run, PGconn *database) {
  char sql[256];
  // A run that was stopped leaves its schema behind; dropping it is no news.
  if (!execute(run, database,
               "SET client_min_messages = warning; DROP SCHEMA IF EXISTS floor CASCADE; CREATE SCHEMA floor")) {
    return 0;
  }
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    snprintf(sql, sizeof sql,
             "CREATE TABLE floor.%s (id uuid, tenant text, state text, at timestamptz, subject text, detail jsonb, "
             "number bigserial PRIMARY KEY)",
             tables[i]);
    if (!execute(run, database, sql)) return 0;
  }
  return 1;
}

static double measure(struct run *run) {
  struct stage stages[STAGES] = {
      {run, NULL, queues[0], {{"request", 1}}, 1},
      {run, queues[0], queues[1], {{"approval", 1}}, 2},
      {run, queues[1], queues[2], {{"guest", 1}, {"assignment", 1}, {"entitlement", 2}}, 3},
      {run, queues[2], queues[3], {{"deadline", 1}}, 4},
      {run, queues[3], NULL, {{"done", 1}}, 5},
  };
  pthread_t threads[STAGES];
  double start = seconds();
  for (int i = 0; i < STAGES; i++) pthread_create(&threads[i], NULL, run_stage, &stages[i]);
  for (int i = 0; i < STAGES; i++) pthread_join(threads[i], NULL);
  return seconds() - start;
}

double floor_run(const struct floor_servers *servers, int journeys, int batch, char *error, int error_size) {
  struct run run = {.servers = servers, .journeys = journeys, .batch = batch, .error = error, .error_size = error_size};
  pthread_mutex_init(&run.error_lock, NULL);
  double took = -1;
  PGconn *database = connect_database(&run);
  amqp_connection_state_t broker = database ? connect_broker(&run) : NULL;
  if (broker && prepare(&run, database) && declare_queues(&run, broker)) {
    took = measure(&run);
    for (int i = 0; i < STAGES - 1; i++) amqp_queue_delete(broker, 1, amqp_cstring_bytes(queues[i]), 0, 0);
    execute(&run, database, "DROP SCHEMA floor CASCADE");
  }
  close_broker(broker);
  if (database) PQfinish(database);
  pthread_mutex_destroy(&run.error_lock);
  return atomic_load(&run.failed) ? -1 : took;
}
