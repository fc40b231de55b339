export default {
    'work.state.CANCELLED': 'Cancelled',
    'work.state.FAILURE': 'Failed',
    'work.state.PENDING': 'Waiting',
    'work.state.PROCESSING': 'Running',
    'work.state.SUCCESS': 'Done',
};
