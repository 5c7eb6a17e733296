#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

// Swift imports neither variadic functions nor macros that cast: those few are spelled out here.

static inline amqp_rpc_reply_t crabbitmq_login_plain(
    amqp_connection_state_t connection, char const *virtual_host, int frame_max, int heartbeat,
    const amqp_table_t *properties, char const *user, char const *password) {
  return amqp_login_with_properties(
      connection, virtual_host, AMQP_DEFAULT_MAX_CHANNELS, frame_max, heartbeat, properties,
      AMQP_SASL_METHOD_PLAIN, user, password);
}

static inline struct timeval crabbitmq_timeval(int64_t microseconds) {
  struct timeval time = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
  return time;
}

// Times in microseconds, because `timeval` belongs to a different Swift module from one build to the next.

static inline int crabbitmq_open_socket(amqp_socket_t *socket, char const *host, int port, int64_t timeout) {
  struct timeval time = crabbitmq_timeval(timeout);
  return amqp_socket_open_noblock(socket, host, port, &time);
}

static inline void crabbitmq_set_handshake_timeout(amqp_connection_state_t connection, int64_t timeout) {
  struct timeval time = crabbitmq_timeval(timeout);
  (void)amqp_set_handshake_timeout(connection, &time);
}

static inline void crabbitmq_set_reply_timeout(amqp_connection_state_t connection, int64_t timeout) {
  struct timeval time = crabbitmq_timeval(timeout);
  (void)amqp_set_rpc_timeout(connection, &time);
}

static inline int crabbitmq_wait_frame(
    amqp_connection_state_t connection, amqp_frame_t *frame, int64_t timeout) {
  struct timeval time = crabbitmq_timeval(timeout);
  return amqp_simple_wait_frame_noblock(connection, frame, &time);
}

/// Holds back (1) or lets go (0) partly filled TCP segments, so that a batch of small frames leaves in few packets.
static inline void crabbitmq_set_cork(amqp_connection_state_t connection, int corked) {
  (void)setsockopt(amqp_get_sockfd(connection), IPPROTO_TCP, TCP_CORK, &corked, sizeof corked);
}

static const amqp_method_number_t crabbitmq_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const amqp_method_number_t crabbitmq_connection_close_ok = AMQP_CONNECTION_CLOSE_OK_METHOD;
static const amqp_method_number_t crabbitmq_connection_blocked = AMQP_CONNECTION_BLOCKED_METHOD;
static const amqp_method_number_t crabbitmq_connection_unblocked = AMQP_CONNECTION_UNBLOCKED_METHOD;
static const amqp_method_number_t crabbitmq_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const amqp_method_number_t crabbitmq_basic_cancel = AMQP_BASIC_CANCEL_METHOD;
static const amqp_method_number_t crabbitmq_basic_return = AMQP_BASIC_RETURN_METHOD;
static const amqp_method_number_t crabbitmq_basic_deliver = AMQP_BASIC_DELIVER_METHOD;
static const amqp_method_number_t crabbitmq_basic_get_empty = AMQP_BASIC_GET_EMPTY_METHOD;
static const amqp_method_number_t crabbitmq_basic_ack = AMQP_BASIC_ACK_METHOD;
static const amqp_method_number_t crabbitmq_basic_nack = AMQP_BASIC_NACK_METHOD;
